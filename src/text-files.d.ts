/** Shell scripts are bundled as text: they run on the server, never here. */
declare module '*.sh' {
  const text: string
  export default text
}

/** A program of our own as the text of one module, for a `node` of its own to run. */
declare module '*?bundle' {
  const text: string
  export default text
}
