// What can be broken in a source file: every mutant is one stretch of its text and what stands there instead.
import { parseAst } from 'vitest/node'

const SWAPPED = {
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '&&': '||',
  '||': '&&',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
  '+=': '-=',
  '-=': '+=',
  '++': '--',
  '--': '++',
}
/** Once with the boundary moved, once turned round. */
const COMPARED = { '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'] }
const METHODS = { some: 'every', every: 'some', startsWith: 'endsWith', endsWith: 'startsWith', min: 'max', max: 'min' }
/** Methods without which a list or a text is still one, only not the right one. */
const DROPPED = new Set(['filter', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim'])
const BOOLEAN_OPERATORS = new Set(['===', '!==', '==', '!=', '<', '<=', '>', '>=', 'in', 'instanceof'])
const EFFECTS = new Set(['CallExpression', 'AwaitExpression', 'AssignmentExpression', 'UpdateExpression'])

const isFunction = ({ type }) => /Function/.test(type) && !type.startsWith('TS')
const isText = ({ type, value }) => type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string')
const isBoolean = (node) =>
  (node.type === 'BinaryExpression' && BOOLEAN_OPERATORS.has(node.operator)) ||
  (node.type === 'UnaryExpression' && node.operator === '!') ||
  (node.type === 'LogicalExpression' && node.operator !== '??' && isBoolean(node.left))
/** An operator of its own in there is turned round already. */
const turnsItself = ({ type, operator }) =>
  (type === 'BinaryExpression' && (operator in SWAPPED || operator in COMPARED)) ||
  (type === 'UnaryExpression' && operator === '!')

function childrenOf(node) {
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'parent' ? [] : [value].flat().filter((one) => one && typeof one.type === 'string'),
  )
}

/** Types hold no code, and what they are wrapped around does. */
function nodesWithin(node, visit, parent = null) {
  if (node.type.startsWith('TS') && !node.expression) return
  if (/^(Import|ExportAll)/.test(node.type) && node.type !== 'ImportExpression') return
  visit(node, parent)
  for (const child of childrenOf(node)) nodesWithin(child, visit, node)
}

const parse = (text) => parseAst(text, { lang: 'ts', preserveParens: false })

function parses(text) {
  try {
    return Boolean(parse(text))
  } catch {
    return false
  }
}

/** What a function gives back, replaced by what it might be mistaken for. */
function returned({ type, value, elements }, node) {
  if (isBoolean(node)) return ['true', 'false']
  if (type === 'ArrayExpression') return elements.length > 0 ? ['[]'] : []
  if (type === 'Literal' || isText(node)) return []
  if (type === 'Identifier' && (node.name === 'undefined' || value === null)) return []
  return ['null']
}

/** Every mutant of a source text, in the order of the text. */
export function mutantsOf(file, text) {
  const found = []
  const add = (start, end, by, kind) => found.push({ file, start, end, by, kind })
  const operator = (node, left, right, by, kind) => {
    const start = text.indexOf(node.operator, left)
    if (start < right) add(start, start + node.operator.length, by, kind)
  }
  const negate = (test) => {
    if (turnsItself(test) || (test.type === 'Literal' && test.value === true)) return
    add(test.start, test.end, `!(${text.slice(test.start, test.end)})`, 'condition')
  }
  const visit = {
    LogicalExpression(node) {
      const by = SWAPPED[node.operator]
      if (by) operator(node, node.left.end, node.right.start, by, 'logic')
    },
    BinaryExpression(node) {
      const by = COMPARED[node.operator] ?? [SWAPPED[node.operator]]
      const adds = node.operator === '+' && !isText(node.left) && !isText(node.right)
      for (const one of adds ? ['-'] : by)
        if (one) operator(node, node.left.end, node.right.start, one, one in COMPARED ? 'comparison' : 'operator')
    },
    UnaryExpression(node) {
      if (node.operator === '!' || node.operator === '-')
        add(node.start, node.end, text.slice(node.argument.start, node.argument.end), 'sign')
    },
    UpdateExpression(node) {
      operator(node, node.start, node.end, SWAPPED[node.operator], 'operator')
    },
    AssignmentExpression(node) {
      const by = SWAPPED[node.operator]
      if (by) operator(node, node.left.end, node.right.start, by, 'operator')
    },
    IfStatement({ test }) {
      negate(test)
    },
    ConditionalExpression({ test }) {
      negate(test)
    },
    WhileStatement({ test }) {
      negate(test)
    },
    Literal(node) {
      if (typeof node.value === 'boolean') add(node.start, node.end, String(!node.value), 'boolean')
    },
    CallExpression({ callee, end, arguments: given }) {
      if (callee.type !== 'MemberExpression' || callee.computed) return
      const { object, property } = callee
      const by = METHODS[property.name]
      if (by && !callee.optional) add(property.start, property.end, by, 'method')
      if (DROPPED.has(property.name) && (given.length === 0 || property.name !== 'trim'))
        add(object.end, end, '', 'method')
    },
    BlockStatement(node, parent) {
      const [only, ...more] = node.body
      const alone = more.length === 0 && /^(Return|Throw|Expression|Block)/.test(only?.type ?? 'Block')
      if (!alone && parent?.type !== 'TryStatement') add(node.start, node.end, '{}', 'block')
    },
    SwitchCase({ consequent }) {
      if (consequent.length > 0) add(consequent[0].start, consequent.at(-1).end, '', 'case')
    },
    ReturnStatement({ argument }) {
      for (const by of argument ? returned(argument, argument) : []) add(argument.start, argument.end, by, 'return')
    },
    ArrowFunctionExpression({ body }) {
      if (body.type === 'BlockStatement') return
      for (const by of returned(body, body)) add(body.start, body.end, by, 'return')
    },
    ExpressionStatement(node) {
      const { type, operator } = node.expression
      if (EFFECTS.has(type) || operator === 'void' || operator === 'delete') add(node.start, node.end, ';', 'removed')
    },
    ThrowStatement({ start, end }) {
      add(start, end, ';', 'removed')
    },
  }
  nodesWithin(parse(text), (node, parent) => visit[node.type]?.(node, parent))
  return found
    .filter((one) => text.slice(one.start, one.end) !== one.by && parses(mutated(text, one)))
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((one) => ({ ...one, ...placeOf(text, one) }))
}

export const mutated = (text, { start, end, by }) => text.slice(0, start) + by + text.slice(end)

/** Line, column, and the text before and after, in one line. */
function placeOf(text, { start, end, by }) {
  const lines = text.slice(0, start).split('\n')
  const short = (words) => {
    const flat = words.replace(/\s+/g, ' ')
    return flat.length > 70 ? `${flat.slice(0, 50)} … ${flat.slice(-17)}` : flat
  }
  // An operator alone says little: what stands on both sides goes along, up to the ends of the line.
  const from = text.lastIndexOf('\n', start - 1) + 1
  const near = end - start < 12
  const to = text.indexOf('\n', end)
  const head = near ? text.slice(Math.max(from, start - 32), start).trimStart() : ''
  const tail = near ? text.slice(end, Math.min(to < 0 ? text.length : to, end + 28)) : ''
  const was = `${head}${short(text.slice(start, end))}${tail}`
  return { line: lines.length, column: lines.at(-1).length + 1, was, is: `${head}${short(by) || ' '}${tail}` }
}

/** Stretches that run together: bodies of functions and blocks. The innermost around a mutant says whether it ran. */
function stretchesOf(text) {
  const stretches = []
  nodesWithin(parse(text), (node) => {
    if (node.type === 'BlockStatement') stretches.push({ start: node.start, end: node.end, block: true })
    else if (isFunction(node) && node.body && node.body.type !== 'BlockStatement')
      stretches.push({ start: node.body.start, end: node.body.end, block: false })
  })
  return stretches
}

/** Number of the stretch in which a mutant stands; -1 where it runs as soon as the file is imported. */
export function stretchOf(text) {
  const stretches = stretchesOf(text)
  const inner = ({ start, end }, outer) => outer.start <= start && end <= outer.end
  return (mutant) => {
    let best = -1
    for (const [at, one] of stretches.entries()) {
      // What replaces a whole body is noticed by whoever calls it, as all that stands in it is.
      if (inner(mutant, one) && (best < 0 || inner(one, stretches[best]))) best = at
    }
    return best
  }
}

/** The text of a file that tells `globalThis.ran` which of its stretches run. */
export function traced(file, text) {
  const inserts = stretchesOf(text).flatMap(({ start, end, block }, at) => {
    const call = `globalThis.ran?.(${JSON.stringify(`${file}#${at}`)})`
    return block
      ? [{ at: start + 1, text: `${call};` }]
      : [
          { at: start, text: `(${call},` },
          { at: end, text: ')' },
        ]
  })
  // From the end, so that places stay true.
  return inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((out, insert) => out.slice(0, insert.at) + insert.text + out.slice(insert.at), text)
}
