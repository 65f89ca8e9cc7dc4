// How long this process keeps its event loop to itself: what a person would feel as a dead key.

const EVERY = 5

/**
 * Begins to watch; the function that comes back ends it and gives the longest time, in ms, in which nothing else could
 * run. A pause that another process took is not ours: what counts is the processor time we used up meanwhile.
 */
export function watchLoop(): () => number {
  let longest = 0
  let [at, used] = [performance.now(), process.cpuUsage()]
  const look = (): void => {
    const spent = process.cpuUsage(used)
    const gap = performance.now() - at - EVERY
    longest = Math.max(longest, Math.min(gap, (spent.user + spent.system) / 1000))
    at = performance.now()
    used = process.cpuUsage()
  }
  const timer = setInterval(look, EVERY)
  return () => {
    clearInterval(timer)
    look()
    return longest
  }
}
