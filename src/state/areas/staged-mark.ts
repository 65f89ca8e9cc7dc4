/** How a row differs from what the server has now. */
export type StagedMark = 'added' | 'edited' | 'moved' | 'deleted'
