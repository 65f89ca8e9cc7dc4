// How figures are said.

/** The value that this share of the values is at most. */
export const share = (values: readonly number[], of: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * of))] ?? 0

/** `name   median 1.20 ms   1.00 .. 3.40   n=20` */
export const line = (name: string, values: readonly number[], unit: string): void =>
  console.log(
    `${name.padEnd(46)} median ${share(values, 0.5).toFixed(2)} ${unit}   ${share(values, 0).toFixed(2)} .. ${share(values, 1).toFixed(2)}   n=${values.length}`,
  )
