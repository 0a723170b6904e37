/// <reference types="vite/client" />
// Only for tools that cannot see into single-file components; vue-tsc resolves the real component types first.
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}
