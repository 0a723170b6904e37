/** The doorway's words: import from here, never from the files below. */
export * from './contract/errors'
export * from './contract/scenario'
export * from './contract/results'
export * from './contract/window'
export * from './contract/plan'
export * from './contract/board'
export * from './contract/explain'
export * from './contract/timeline'
export * from './contract/documents'
export * from './contract/calls'
export {
  Platform,
  type PciFunction,
  type Iommu,
  type MsiController,
  type Root,
  type PlatformWarning,
  isPlatformText,
} from '../main/simulator/platform/schema'
