/**
 * Who owns a group's DMA, and what moves it to another domain: drivers that are bound, user space that claims it, writes to
 * `type`, devices that come and go. Sources: reference 40 §8, §14 H5; 20 §9; 05.21; 00 S1.13, S3.3, S3.10.
 */
import { ATTACH_ALL, DEV, DOMAIN, FREE_DEFAULT, GROUP, LOCK, MAP_DIRECT, UNLOCK, type Operations } from './iommu-steps'

/** Put one device where the group goes when user space lets it go: blocked while it is owned, else its default. */
const RELEASED = {
  'unit.entry{dev}': 'released{group}',
  'unit.shared': 'unit.aliased ? released{group} : unit.shared',
  'archdata{dev}': 'released{group}',
}

export const OWNERSHIP: Operations = {
  bind_driver: {
    doc: 'A driver of the host is bound to a device, and uses the default domain (iommu_device_use_default_domain).',
    cite: '40 §8',
    by: ['host'],
    operands: { dev: DEV, group: GROUP },
    steps: [
      {
        label: 'a driver is bound to device {dev}',
        when: '!mutex{group}',
        cases: [
          {
            if: '!ownership && owner{group} == user',
            fault: 'bug',
            label: 'a driver is bound to device {dev} of a group that user space holds: BUG',
            set: { 'driver{dev}': 'bound' },
          },
          {
            if: 'ownership && (owner{group} == user || (owner_cnt{group} > 0 && group_domain{group} != default_domain{group}))',
            errno: 'EBUSY',
            label: 'no driver for device {dev}: user space owns the group',
          },
          { set: { 'driver{dev}': 'bound', 'owner_cnt{group}': 'owner_cnt{group} + 1' } },
        ],
      },
    ],
  },
  unbind_driver: {
    doc: 'The driver of the host lets its device go.',
    cite: '40 §8.2',
    by: ['host'],
    operands: { dev: DEV, group: GROUP },
    steps: [
      {
        label: 'the driver of device {dev} is unbound',
        when: '!mutex{group}',
        set: { 'driver{dev}': 'unbound', 'owner_cnt{group}': 'owner_cnt{group} - 1' },
      },
    ],
  },
  claim_dma_owner: {
    doc: 'User space claims the group’s DMA: the group goes to a domain that blocks.',
    cite: '40 §7, §8.2; 05.1, 05.6',
    by: ['vmm', 'host'],
    operands: { group: GROUP },
    steps: [
      {
        step: 'check',
        when: '!mutex{group}',
        cases: [
          { if: 'owner_cnt{group} > 0', errno: 'EPERM', label: 'group {group} is owned' },
          {
            if: 'group_domain{group} != default_domain{group}',
            errno: 'EBUSY',
            label: 'group {group} is not on its default domain',
          },
          {
            if: 'regions.era == v6_12 && refuses{group}',
            errno: 'EINVAL',
            label: 'a device of group {group} requires its direct region',
          },
          {
            if: 'refuses{group}',
            name: 'rmrr.EPERM',
            errno: 'EPERM',
            label: 'a device of group {group} is ineligible for IOMMU domain attach due to platform RMRR requirement',
          },
          { label: 'group {group} is claimed', set: LOCK },
        ],
      },
      { call: 'attach', with: { group: '{group}', domain: 'blocked' } },
      {
        step: 'own',
        label: 'user space owns the DMA of group {group}',
        set: { 'owner_cnt{group}': 1, 'owner{group}': 'user', ...UNLOCK },
      },
    ],
  },
  release_dma_owner: {
    doc: 'User space gives the group back: it goes to its default domain.',
    cite: '40 §8.2',
    by: ['vmm', 'host'],
    operands: { group: GROUP },
    steps: [
      {
        step: 'own',
        label: 'nobody owns the DMA of group {group}',
        when: '!mutex{group}',
        set: { 'owner_cnt{group}': 0, 'owner{group}': 'nobody' },
      },
      { call: 'iommu_detach_group', with: { group: '{group}' } },
    ],
  },
  iommu_attach_group: {
    doc: 'Attach a group to a domain of the IOMMU API (VFIO’s).',
    cite: '40 §7, §8.2',
    by: ['vmm', 'host'],
    operands: { group: GROUP, domain: DOMAIN },
    steps: [
      {
        step: 'check',
        when: '!mutex{group}',
        cases: [
          {
            if: 'group_domain{group} != default_domain{group} && group_domain{group} != blocked',
            errno: 'EBUSY',
            label: 'group {group} is in another domain',
          },
          {
            if: '!ownership && refuses{group}',
            errno: 'EPERM',
            label: 'a device of group {group} is ineligible for IOMMU domain attach due to platform RMRR requirement',
          },
          { label: 'group {group} will be attached to {domain}' },
        ],
      },
      ATTACH_ALL,
    ],
  },
  iommu_detach_group: {
    doc: 'Detach the group: to the blocking domain while user space owns it, to its default domain otherwise.',
    cite: '40 §8.2',
    by: ['vmm', 'host'],
    operands: { group: GROUP },
    steps: [
      { call: 'leave', with: { dev: 0, group: '{group}' }, if: 'member0_{group}' },
      { call: 'leave', with: { dev: 1, group: '{group}' }, if: 'member1_{group}' },
      { step: 'group', label: 'group {group} is detached', set: { 'group_domain{group}': 'released{group}' } },
    ],
  },
  leave: {
    doc: 'One device leaves the domain that its group is detached from.',
    by: ['vmm', 'host'],
    operands: { dev: DEV, group: GROUP },
    steps: [{ label: 'device {dev} leaves the domain', set: RELEASED }],
  },
  store_type: {
    doc: 'Write the type of a group through sysfs: checks, direct mappings, attach, free (20 §6, §9).',
    cite: '20 §9; 05.21',
    by: ['host'],
    operands: { group: GROUP, domain: DOMAIN },
    steps: [
      {
        step: 'check',
        when: '!mutex{group}',
        cases: [
          {
            if: 'regions.era != v6_1 && regions.era != v6_12',
            errno: 'EACCES',
            label: 'the file cannot be written before 5.11',
          },
          {
            if: 'regions.era == v6_1 && both{group}',
            errno: 'EINVAL',
            label: 'group {group} has more than one device',
          },
          {
            if: 'regions.era == v6_1 && any{dev: member{dev}_{group} && driver{dev} == bound}',
            errno: 'EBUSY',
            label: 'a driver is bound in group {group}',
          },
          {
            if: 'regions.era == v6_1 && group_domain{group} != default_domain{group}',
            name: 'owned.EBUSY',
            errno: 'EBUSY',
            label: 'group {group} is not on its default domain',
          },
          { if: 'regions.era == v6_12 && owner_cnt{group} > 0', errno: 'EPERM', label: 'group {group} is owned' },
          {
            if: 'default_domain{group} == {domain}',
            name: 'same',
            label: 'group {group} has that type already',
            return: true,
          },
          { label: 'group {group} will get {domain}', set: { 'mutex{group}': 'type_lock' } },
        ],
      },
      MAP_DIRECT,
      ATTACH_ALL,
      FREE_DEFAULT,
      {
        step: 'default',
        label: '{domain} is the default of group {group}',
        set: { 'default_domain{group}': '{domain}', ...UNLOCK },
      },
    ],
  },
  add_device: {
    doc: 'Device 1 is plugged in and joins group 0, before any driver sees it: it goes to the domain that the group is in; on 6.1 it stays without one while user space owns the group.',
    cite: '40 §8.1, §14 H5; iommu_probe_device of 6.1',
    by: ['host'],
    steps: [
      {
        when: '!mutex0',
        cases: [
          {
            if: 'group_domain0 == none || (regions.era == v6_1 && owner0 == user)',
            name: 'unattached',
            label: 'device 1 joins group 0, attached to nothing',
            set: { found1: true },
          },
          {
            label: 'device 1 joins group 0, in its domain',
            set: { found1: true, 'unit.entry1': 'group_domain0', archdata1: 'group_domain0' },
          },
        ],
      },
    ],
  },
  remove_device: {
    doc: 'The only device of a group goes away, and with the group its default domain (iommu_group_release).',
    cite: '00 S3.3',
    by: ['host'],
    operands: { dev: DEV, group: GROUP },
    steps: [
      {
        step: 'clear',
        label: 'device {dev} is gone',
        set: { 'unit.entry{dev}': 'absent', 'archdata{dev}': 'none', 'group_domain{group}': 'none' },
      },
      FREE_DEFAULT,
      { step: 'release', label: 'group {group} is released', set: { 'default_domain{group}': 'none' } },
    ],
  },
}
