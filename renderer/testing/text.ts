export const FAKE_TEXT = `# The order of the posted patches: MSIXPERM is written when request_irq has returned.
doorbell: 1
title: TITLE
thread: IMS for mdev, June 2021
covers: [S4.10]
sibling: idxd-vsvm-first

platform: { builtin: spr-dsa }
kernel: { version: "6.12" }

devices:
  vdev0:
    kind: idxd
    under: 0000:6a:01.0
    check: send            # as the thread argues; DSA itself checks at dispatch
    vectors: 2
    pasids:
      default: 0x3
      guest: { spid: 0x5, host: 0x9 }

programs:
  guest:
    # the guest's own driver, one vCPU
    - bind_pasid: guest
    - request_irq: 1
    # too late: the slot is live with the default PASID
    - write_msixperm: { vector: 1, pasid: guest, enable: true }
    - enable_wq: 0
  guest2:
    # a second vCPU with the portal mapped
    - submit: { wq: 0, vector: 1 }
  host:
    - on_trap: msixperm

properties:
  - { name: host-pasid-never-delivered, never: "guest.bound && interrupt.pasid == default", expect: violated }
  - { name: guest-pasid-delivered, sometimes: "interrupt.pasid == guest", expect: witnessed }
`
