/** The five tours, one a thread, the newest first. */
import { pamu2013 } from './pamu-2013'
import { msi2016 } from './msi-2016'
import { domains2019, regions2019 } from './vtd-2019'
import { ims2021 } from './ims-2021'
import type { Tour } from './tour'

export const TOURS: readonly Tour[] = [ims2021, domains2019, regions2019, msi2016, pamu2013]
export const tourById = (id: string): Tour | undefined => TOURS.find((tour) => tour.id === id)
