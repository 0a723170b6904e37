/** The window's entry: the real host, then the workbench. */
import { connect } from './bridge/connect'
import { mountWorkbench } from './mount'

mountWorkbench(connect())
