// Loaded into the program by NODE_OPTIONS: SIGUSR2 becomes a fault that nobody catches, with a hostile message.
process.on('SIGUSR2', () => {
  throw new Error('planted \u001b]52;c;cHduZWQ=\u0007\u001b[2J')
})
