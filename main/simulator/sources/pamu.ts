/** PAMU, MPIC banks, and VFIO in the Freescale SDK. */
import type { Chapter } from './source'

const PAMU_C = 'Linux 4.19 drivers/iommu/fsl_pamu.c'
const SDK =
  'Freescale SDK drivers/vfio/vfio_iommu_fsl_pamu.c, include/uapi/linux/vfio.h (nxp-archive/openil_linux, jwhitham/ppc_linux)'

export const PAMU: Chapter = {
  '50': { about: 'PAMU and MPIC', from: `${PAMU_C}, fsl_pamu_domain.c, arch/powerpc/sysdev/fsl_msi.c; ${SDK}` },
  '50 §1': { about: 'the hardware model of PAMU', from: `${PAMU_C}, fsl_pamu.h` },
  '50 §1.1': { about: 'PAACE', from: 'Linux 4.19 drivers/iommu/fsl_pamu.h struct paace' },
  '50 §1.2': { about: 'open at boot, blocked after detach', from: `${PAMU_C} setup_liodns; fsl_pamu_domain.c` },
  '50 §1.3': { about: 'a violation disables the LIODN', from: `${PAMU_C} pamu_av_isr; erratum A-003638` },
  '50 §2': {
    about: 'the domain API and its errno',
    from: 'Linux 4.19 drivers/iommu/fsl_pamu_domain.c',
    unverified: 'that the window API left the core in 5.13',
  },
  '50 §3': {
    about: 'MSI banks',
    from: 'Linux 4.19 arch/powerpc/sysdev/fsl_msi.c; Documentation/devicetree/bindings/powerpc/fsl/msi-pic.txt',
    unverified: 'bank addresses of P4080-class chips beyond 0x41600, and their aliases',
  },
  '50 §4': {
    about: 'a window that maps a bank',
    from: 'Linux 4.19 Documentation/devicetree/bindings/powerpc/fsl/msi-pic.txt (msi-address-64); derived from the domain API',
  },
  '50 §5': {
    about: 'planning windows',
    from: 'derived from the domain API of Linux 4.19 drivers/iommu/fsl_pamu_domain.c',
  },
  '50 §6': { about: 'VFIO type 2', from: SDK },
  '50 §6.1': { about: 'which errors are returned, which swallowed', from: SDK },
  '50 §6.2': { about: 'faults of the SDK driver', from: SDK },
  '50 §7': {
    about: 'order of the calls in each design',
    from: `${SDK}; LKML 2013-04-02; proposal C from the discussion only`,
  },
}
