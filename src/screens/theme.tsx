import { Box, type BoxProps, Text } from 'ink'
import { createContext, memo, type ReactNode, useContext } from 'react'
import type { Line, Role } from './text/line.ts'

/** Select Graphic Rendition (ECMA-48): what switches a look on; 0 switches everything off again. */
const BOLD = '1'
const DIM = '2'
const INVERSE = '7'
const RED = '31'
const GREEN = '32'
const YELLOW = '33'
const MAGENTA = '35'
const CYAN = '36'

type Looks = Readonly<Record<Role, readonly string[]>>

/** How each role looks. Text without a colour has the terminal's own foreground. */
const COLOURS: Looks = {
  plain: [],
  dim: [DIM],
  strong: [BOLD],
  good: [GREEN],
  bad: [RED, BOLD],
  warn: [YELLOW],
  you: [CYAN, BOLD],
  staged: [MAGENTA, BOLD],
  key: [CYAN],
  border: [DIM],
  focus: [CYAN],
  alarm: [RED, BOLD, INVERSE],
  cursor: [INVERSE],
}

const NO_COLOUR: Looks = {
  ...COLOURS,
  good: [],
  bad: [BOLD],
  warn: [],
  you: [BOLD],
  staged: [BOLD],
  key: [BOLD],
  focus: [BOLD],
  alarm: [BOLD, INVERSE],
}

/** Whether colours are drawn (NO_COLOR, --no-color). */
export const Colours = createContext(true)

/** True where the environment asks for no colour (no-color.org). */
export const wantsColour = (env: Readonly<Record<string, string | undefined>>): boolean =>
  (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'

const FRAME: ReadonlySet<Role> = new Set(['border', 'focus'])

/** A line as one string: our own codes around text that can hold none. One string a row keeps Ink's tree small. */
function styled(line: Line, looks: Looks, selected: boolean): string {
  return line
    .map(({ text, role }) => {
      const codes = selected && !FRAME.has(role) ? [...looks[role], INVERSE] : looks[role]
      return codes.length === 0 || text === '' ? text : `\u001b[${codes.join(';')}m${text}\u001b[0m`
    })
    .join('')
}

const Row = memo(function Row({ text }: { readonly text: string }) {
  return <Text wrap="truncate-end">{text}</Text>
})

/**
 * One row of text: the only way for text to get on the screen. It takes lines, and lines are made of `Safe` alone.
 * `selected` draws it as the row under the cursor.
 */
export function T({ line, selected = false }: { readonly line: Line; readonly selected?: boolean }) {
  return <Row text={styled(line, useContext(Colours) ? COLOURS : NO_COLOUR, selected)} />
}

/** Rows one below the other, each exactly one row high. */
export function Rows({ lines, selected = -1 }: { readonly lines: readonly Line[]; readonly selected?: number }) {
  return (
    <Column>
      {lines.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <T key={at} line={one} selected={at === selected} />
      ))}
    </Column>
  )
}

type Props = Pick<BoxProps, 'width' | 'height'> & { readonly children?: ReactNode }

/** Boxes below each other. */
export const Column = (props: Props) => <Box flexDirection="column" flexShrink={0} {...props} />
/** Boxes beside each other. */
export const Beside = (props: Props) => <Box flexDirection="row" flexShrink={0} {...props} />
