import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { ConsoleState } from '../state/console-state.ts'
import type { Console } from '../state/store.ts'

/** The console that the screens draw. */
export const ConsoleContext = createContext<Console | null>(null)

export function useConsole(): Console {
  const console = useContext(ConsoleContext)
  if (!console) throw new Error('No console above this component.')
  return console
}

/** A part of the state; the component is drawn again only when that part is another. */
export const useLook = <T>(look: (state: ConsoleState) => T): T => useStore(useConsole().store, look)
