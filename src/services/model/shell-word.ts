/**
 * A value as one word of sh(1). Inside single quotes every byte but the quote itself stands for itself (XCU 2.2.2), so one
 * rule is enough for any value without NUL.
 */
export const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`
