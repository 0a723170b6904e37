import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { provideHost, type Host } from './bridge/host'
import WorkbenchApp from './shell/WorkbenchApp.vue'

export function mountWorkbench(host: Host): void {
  provideHost(host)
  createApp(WorkbenchApp).use(createPinia()).mount('#app')
}
