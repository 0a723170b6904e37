/** DSA, the idxd driver, and the mediated device that was never merged. */
import type { Chapter } from './source'

const SPEC = 'DSA specification 3.0 (341204-006)'
const IDXD = 'Linux 6.12 drivers/dma/idxd'
const FLOW =
  'LKML 2021-06-10, “Re: [PATCH v6 05/20] vfio: mdev: common lib code for setting up Interrupt Message Store”'

export const IDXD_CHAPTER: Chapter = {
  '70': { about: 'DSA and idxd', from: `${SPEC}; ${IDXD}` },
  '70 §1': {
    about: 'registers of BAR0',
    from: `${IDXD}/registers.h; ${SPEC}`,
    unverified: 'what a device without CMDCAP does',
  },
  '70 §2': { about: 'the MSI-X permission table', from: `${IDXD}/device.c, registers.h; ${SPEC}` },
  '70 §3': { about: 'an IMS entry', from: `${SPEC}, chapter on IMS; irq-ims-msi.h of the 2020–21 series` },
  '70 §4': {
    about: 'descriptor and interrupt handle',
    from: `Linux 6.12 include/uapi/linux/idxd.h; ${SPEC}`,
    unverified: 'the order of the portal pages',
  },
  '70 §4.1': { about: 'what is checked when a descriptor is dispatched', from: `${SPEC}; ${IDXD}/registers.h` },
  '70 §4.2': {
    about: 'interrupt handles',
    from: `${SPEC}; ${IDXD}/irq.c idxd_int_handle_revoke, device.c idxd_wq_request_irq`,
  },
  '70 §5': { about: 'commands', from: `${IDXD}/registers.h; ${SPEC}`, unverified: 'bit positions of the WQ mask' },
  '70 §6': { about: 'completion and error codes', from: `Linux 6.12 include/uapi/linux/idxd.h; ${SPEC}` },
  '70 §7': {
    about: 'work queues and PASIDs',
    from: `${IDXD}/registers.h; ${SPEC}`,
    unverified: 'PASID translation of VMX, #GP without a valid IA32_PASID',
  },
  '70 §8': {
    about: 'the mediated device, four generations',
    from: 'the out-of-tree idxd mediated-device code, 2019–2022',
  },
  '70 §8 G1': { about: 'generation G1', from: 'RFC of 2019/2020 of the idxd mediated-device code' },
  '70 §8 G2': { about: 'generation G2', from: 'v5 and v6 postings of 2020–21 of the idxd mediated-device code' },
  '70 §8 G3': { about: 'generation G3', from: 'Intel’s SDK of 2021, vdev.c of the idxd mediated-device code' },
  '70 §8 G4': { about: 'generation G4', from: 'vdcm.c, vidxd.c and vfio_ims.c of the idxd mediated-device code, 2022' },
  '70 §8.1': { about: 'SET_IRQS of the mediated device', from: 'vfio_ims.c of the out-of-tree idxd code, 2022' },
  '70 §8.2': { about: 'the virtual device', from: 'vidxd.c and vdcm.c of the out-of-tree idxd code, 2022' },
  '70 §8.3': { about: 'the virtual command processor', from: 'vdev.c of the out-of-tree idxd code, SDK of 2021' },
  '70 §9': {
    about: 'from the guest’s request_irq to the host’s ioctl',
    from: 'QEMU hw/vfio/pci.c vfio_msix_enable, vfio_msix_vector_do_use; hw/pci/msix.c',
  },
  '70 §10': {
    about: 'who orders the flow without vSVM',
    from: `${FLOW}; edges derived from ${IDXD}, QEMU and the DSA specification`,
  },
  '70 §11': {
    about: 'who orders the flow with vSVM',
    from: `${FLOW}; edges derived from QEMU and the DSA specification`,
  },
  '70 §11.1': { about: 'what the window lets through', from: `derived from ${SPEC} and the thread of 2021-06-10` },
  '70 §11.2': { about: 'the guest’s PASID first', from: `${FLOW}; derived` },
  '70 §11.3': { about: 'races worth a look', from: 'derived from the two flows and the out-of-tree idxd code' },
  '70 §12': { about: 'order inside DSA', from: SPEC },
}
