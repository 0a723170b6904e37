#!/bin/sh
# Collects what Doorbell reads of a machine running Linux: PCI topology and configuration space, firmware tables, IOMMU
# units, kernel version and command line. Needs a POSIX shell and tar; changes nothing on the machine; keeps no serial
# numbers on purpose, but configuration space, firmware tables and the kernel log may hold some: look before you share.
#
#   sh capture.sh [OUTPUT]        OUTPUT: default capture.tar.gz (capture.tar where there is no gzip), - for standard output
#
# Run it as root: without, configuration space ends after 64 bytes and firmware tables can't be read at all.
# What could not be read is said on standard error and listed in not-read.txt inside the capture.
# DOORBELL_ROOT=DIR takes DIR/sys, DIR/proc … in place of the running system (a mounted image, a test).
set -u
LC_ALL=C
export LC_ALL
umask 077

root=${DOORBELL_ROOT:-}
root=${root%/}
out=${1:-}

case $out in
-h | --help)
  sed -n '2,12s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
esac
if [ ! -d "$root/sys/bus/pci/devices" ]; then
  echo "capture.sh: no $root/sys/bus/pci/devices: is this Linux with sysfs mounted?" >&2
  exit 1
fi

work=${TMPDIR:-/tmp}/doorbell-capture.$$
# mkdir fails when the name is taken, so nobody else's folder is ever used.
mkdir "$work" || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
top=$work/capture
mkdir "$top"
not_read=$top/not-read.txt
: >"$not_read"

# keep PATH: copies one file to the same place in the capture. Files of sysfs are read, not copied: their size is a guess.
keep() {
  [ -e "$root$1" ] || return 0
  mkdir -p "$top${1%/*}"
  if ! cat "$root$1" >"$top$1" 2>/dev/null; then
    rm -f "$top$1"
    echo "$1" >>"$not_read"
  fi
}

# relative PATH-OF-LINK TARGET: the target as seen from the link, both from the top of the capture.
relative() {
  up=
  rest=${1#/}
  while :; do
    case $rest in
    */*)
      up=../$up
      rest=${rest#*/}
      ;;
    *) break ;;
    esac
  done
  echo "$up${2#/}"
}

# link PATH TARGET: TARGET empty: nothing to link to.
link() {
  [ -n "$2" ] || return 0
  mkdir -p "$top${1%/*}"
  ln -s "$(relative "$1" "$2")" "$top$1"
}

# link_name PATH: the last name in a link's text; nothing where there is no link.
link_name() {
  if [ -h "$root$1" ]; then ls -l "$root$1" | sed 's|.* -> ||; s|.*/||'; fi
}

# where PATH: the folder that a path leads to, links followed, seen from the root.
where() {
  (cd -P "$root$1" 2>/dev/null && pwd -P) | sed "s|^$real_root||"
}
real_root=
[ -n "$root" ] && real_root=$(cd -P "$root" && pwd -P)

for file in /proc/cmdline /proc/sys/kernel/osrelease /proc/iomem \
  /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts; do
  keep "$file"
done
# One processor is as good as all.
if [ -r "$root/proc/cpuinfo" ]; then
  mkdir -p "$top/proc"
  sed '/^$/q' "$root/proc/cpuinfo" >"$top/proc/cpuinfo"
fi
# Unprivileged readers get the names with every address zero.
if grep -q '^ *0*-0* : ' "$root/proc/iomem" 2>/dev/null; then
  echo /proc/iomem >>"$not_read"
fi

release=$(cat "$root/proc/sys/kernel/osrelease" 2>/dev/null)
if [ -n "$release" ]; then
  config=$root/boot/config-$release
  if [ -r "$config" ]; then
    mkdir -p "$top/boot"
    grep -E 'CONFIG_(X86|X86_64|ARM64|PPC)=|IOMMU|VFIO|PCI|MSI|IRQ_REMAP|DMAR|SWIOTLB|ATS|PASID|SVA' "$config" >"$top/boot/config-$release"
  elif [ -r "$root/proc/config.gz" ] && command -v gzip >/dev/null 2>&1; then
    mkdir -p "$top/boot"
    gzip -dc "$root/proc/config.gz" |
      grep -E 'CONFIG_(X86|X86_64|ARM64|PPC)=|IOMMU|VFIO|PCI|MSI|IRQ_REMAP|DMAR|SWIOTLB|ATS|PASID|SVA' >"$top/boot/config-$release"
  fi
fi

short=0
for entry in "$root"/sys/bus/pci/devices/*; do
  [ -e "$entry" ] || continue
  bdf=${entry##*/}
  device=$(where "/sys/bus/pci/devices/$bdf")
  [ -n "$device" ] || continue
  link "/sys/bus/pci/devices/$bdf" "$device"
  for name in ari_enabled ats_enabled class config device dma_mask_bits irq msi_bus numa_node removable reset_method \
    resource revision secondary_bus_number sriov_numvfs sriov_totalvfs subordinate_bus_number subsystem_device \
    subsystem_vendor vendor firmware_node/path; do
    keep "$device/$name"
  done
  driver=$(link_name "$device/driver")
  link "$device/driver" "${driver:+/sys/bus/pci/drivers/$driver}"
  group=$(link_name "$device/iommu_group")
  link "$device/iommu_group" "${group:+/sys/kernel/iommu_groups/$group}"
  physical=$(link_name "$device/physfn")
  link "$device/physfn" "${physical:+$(where "/sys/bus/pci/devices/$physical")}"
  if [ -f "$top$device/config" ]; then
    bytes=$(wc -c <"$top$device/config")
    [ "$bytes" -le 64 ] && short=$((short + 1))
  fi
done

for entry in "$root"/sys/class/iommu/*; do
  [ -e "$entry" ] || continue
  unit=/sys/class/iommu/${entry##*/}
  mkdir -p "$top$unit"
  for file in "$entry"/intel-iommu/* "$entry"/amd-iommu/*; do
    [ -f "$file" ] && keep "${file#"$root"}"
  done
  for member in "$entry"/devices/*; do
    bdf=${member##*/}
    [ -e "$root/sys/bus/pci/devices/$bdf" ] && link "$unit/devices/$bdf" "/sys/bus/pci/devices/$bdf"
  done
done

for entry in "$root"/sys/firmware/acpi/tables/*; do
  [ -f "$entry" ] && keep "${entry#"$root"}"
done
keep /sys/firmware/fdt

for entry in "$root"/sys/kernel/iommu_groups/*; do
  [ -d "$entry" ] || continue
  group=/sys/kernel/iommu_groups/${entry##*/}
  keep "$group/type"
  keep "$group/reserved_regions"
  for member in "$entry"/devices/*; do
    bdf=${member##*/}
    [ -e "$root/sys/bus/pci/devices/$bdf" ] && link "$group/devices/$bdf" "/sys/bus/pci/devices/$bdf"
  done
done

if [ -z "$root" ]; then
  dmesg >"$top/dmesg.txt" 2>/dev/null || {
    rm -f "$top/dmesg.txt"
    echo dmesg >>"$not_read"
  }
fi

if [ "$short" -gt 0 ]; then
  echo "capture.sh: $short functions gave only 64 bytes of configuration space: capabilities such as ACS and PASID stay unknown." >&2
fi
if [ -s "$not_read" ]; then
  echo "capture.sh: not readable as this user:" >&2
  sed 's/^/  /' "$not_read" >&2
  echo "capture.sh: run it again as root for a whole capture." >&2
else
  rm -f "$not_read"
fi

if [ "$out" = - ]; then
  tar -cf - -C "$work" capture
elif [ -z "$out" ] && ! command -v gzip >/dev/null 2>&1; then
  tar -cf capture.tar -C "$work" capture && echo "capture.tar" >&2
else
  out=${out:-capture.tar.gz}
  case $out in
  *.tar) tar -cf "$out" -C "$work" capture ;;
  *) tar -cf - -C "$work" capture | gzip -c >"$out" ;;
  esac && echo "$out" >&2
fi
