/** Shell scripts are bundled as text: they run on the server, never here. */
declare module '*.sh' {
  const text: string
  export default text
}
