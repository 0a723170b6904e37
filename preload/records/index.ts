/** A document's records, their diffs, its history and its journal: the same on both sides. */
export * from './diff'
export * from './history'
export * from './journal'
export { touched, words, textDiff, applyText, type TextDiff } from './text'
export { digestOf } from './digest'
