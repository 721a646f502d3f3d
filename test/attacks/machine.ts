/** What a machine, a disk or whoever started the run may do to it: a line of bash, and what must come of it. */
export interface MachineCase {
  readonly name: string;
  readonly line: string;
  readonly code: number | readonly number[];
  /** What standard error says, at least. */
  readonly says?: RegExp;
  /** Needs a file system of its own. */
  readonly mounts?: boolean;
  /** The checkout of app1 afterwards: `same` as before, or `whole`: all of the bundle. */
  readonly leaves?: 'same' | 'whole';
}

const on = (options: string, line: string) =>
  `unshare -m bash -c 'mkdir -p m && mount -t tmpfs -o mode=700,${options} x m && ${line}'`;
const applied = 'meshwright apply app1@lab --dir checkouts/app1';
const open = 'meshwright open app1@lab';

export const machine: readonly MachineCase[] = [
  {
    name: 'a full disk behind standard output',
    line: 'meshwright diff app1@lab > /dev/full',
    code: 3,
    says: /could not be written.*no space/,
  },
  { name: 'the same with --json', line: 'meshwright diff app1@lab --json > /dev/full', code: 3 },
  { name: 'a full disk behind standard error', line: 'meshwright diff nobody 2> /dev/full', code: 2 },
  { name: 'a full disk behind both', line: 'meshwright diff app1@lab > /dev/full 2>&1', code: 3 },
  { name: 'a full disk behind a run that writes elsewhere', line: `${open} > /dev/full`, code: 3 },
  { name: 'no standard output', line: 'meshwright diff app1@lab >&-', code: 1 },
  { name: 'no standard error', line: 'meshwright diff nobody 2>&-', code: 2 },
  { name: 'no standard input', line: 'meshwright diff app1@lab <&-', code: 1 },
  { name: 'none of them', line: 'meshwright diff app1@lab <&- >&- 2>&-', code: 1 },
  {
    name: 'a reader that is gone',
    line: 'meshwright render app1@lab --stdout | true; exit ${PIPESTATUS[0]}',
    code: [0, 1],
  },
  { name: 'a reader of progress that is gone', line: `${open} | true; exit \${PIPESTATUS[0]}`, code: 0 },
  { name: 'a reader of errors that is gone', line: 'meshwright diff nobody 2> >(true)', code: 2 },
  { name: 'a home that is a device', line: `HOME=/dev/null ${open}`, code: 2, says: /MESHWRIGHT_CACHE/ },
  { name: 'no home', line: `env -u HOME MESHWRIGHT_CACHE=$PWD/c bash -c '${open}'`, code: 0 },
  {
    name: 'a cache below a file',
    line: `MESHWRIGHT_CACHE=$PWD/fleet.yaml/x ${open}`,
    code: 2,
    says: /MESHWRIGHT_CACHE/,
  },
  {
    name: 'a cache that is a file',
    line: `MESHWRIGHT_CACHE=$PWD/fleet.yaml ${open}`,
    code: 2,
    says: /MESHWRIGHT_CACHE/,
  },
  {
    name: 'a cache where no folder can be made',
    line: `MESHWRIGHT_CACHE=/proc/x ${open}`,
    code: 2,
    says: /MESHWRIGHT_CACHE/,
  },
  {
    name: 'a cache with a name that is too long',
    line: `MESHWRIGHT_CACHE=/tmp/$(printf 'a%.0s' $(seq 300)) ${open}`,
    code: 2,
    says: /ENAMETOOLONG/,
  },
  {
    name: 'a cache that is a circle of links',
    line: `ln -s loop loop; MESHWRIGHT_CACHE=$PWD/loop/x ${open}`,
    code: 2,
    says: /MESHWRIGHT_CACHE/,
  },
  {
    name: 'a folder for results where none can be made',
    line: 'meshwright render app1@lab --out /proc/x/y',
    code: 3,
    says: /no such file/,
  },
  {
    name: 'a folder for results below a file',
    line: 'meshwright render app1@lab --out fleet.yaml/x',
    code: 3,
  },
  { name: 'a folder for temporary files that is gone', line: `TMPDIR=/nowhere ${open}`, code: 0 },
  {
    name: 'a working directory that is gone',
    line: 'mkdir gone && cd gone && rmdir ../gone && meshwright diff app1@lab',
    code: 3,
    says: /no longer there/,
  },
  {
    name: 'a fleet file that is a folder',
    line: 'meshwright diff --fleet checkouts',
    code: [1, 2, 3],
    says: /it is a folder/,
  },
  { name: 'a fleet file without end', line: 'timeout 60 meshwright diff --fleet /dev/zero', code: [2, 3] },
  {
    name: 'a fleet file that is a pipe',
    line: 'meshwright wave plan --fleet <(cat fleet.yaml) > /dev/null',
    code: [0, 1, 2],
  },
  {
    name: 'a full cache',
    mounts: true,
    line: on('size=16k', `MESHWRIGHT_CACHE=$PWD/m ${open}`),
    code: 3,
    says: /disk is full|no room/,
  },
  {
    name: 'a cache that fills up',
    mounts: true,
    line: on('size=120k', `MESHWRIGHT_CACHE=$PWD/m ${open}`),
    code: [0, 3],
  },
  {
    name: 'a cache with few files',
    mounts: true,
    line: on('nr_inodes=6', `MESHWRIGHT_CACHE=$PWD/m ${open}`),
    code: 3,
    says: /disk is full|no room/,
  },
  {
    name: 'a cache that can only be read',
    mounts: true,
    line: on('ro', `MESHWRIGHT_CACHE=$PWD/m ${open}`),
    code: 3,
    says: /read-only/,
  },
  {
    name: 'a forge that can only be read',
    mounts: true,
    line: `unshare -m bash -c 'mount --bind forge forge && mount -o remount,ro,bind forge && ${open}'`,
    code: 3,
    says: /forge-storage/,
  },
  {
    name: 'a full forge',
    mounts: true,
    line: on(
      'size=100k',
      `cp -r forge/. m/ 2>/dev/null; rm -rf m/acme/app1.git/hooks; sed s/forge}/m}/ fleet.yaml > f.yaml && ${open} --fleet f.yaml`,
    ),
    code: [0, 3],
  },
  {
    name: 'a checkout that can only be read',
    mounts: true,
    line: `unshare -m bash -c 'mount --bind checkouts checkouts && mount -o remount,ro,bind checkouts && ${applied}'`,
    code: 3,
    says: /read-only/,
    leaves: 'same',
  },
  ...[12, 16, 20, 24, 28, 32, 36, 40, 44].map((size): MachineCase => ({
    name: `a disk of ${String(size)} KiB that fills while a checkout is written`,
    mounts: true,
    line: on(
      `size=${String(size)}k`,
      `cp -r checkouts/app1/deploy m/ && meshwright apply app1@lab --dir m; r=$?; rm -rf checkouts/app1/deploy checkouts/app1/.meshwright; cp -r m/. checkouts/app1/; exit $r`,
    ),
    code: [0, 1, 3],
    leaves: 'same',
  })),
  {
    name: 'files of at most a kibibyte',
    line: `ulimit -f 1; ${applied}`,
    code: 3,
    says: /larger than this process may write/,
    leaves: 'same',
  },
  { name: 'files of nothing', line: `ulimit -f 0; ${applied}`, code: 3, leaves: 'same' },
  {
    name: 'a file where a folder must be',
    line: `rm -rf checkouts/app1/.meshwright; touch checkouts/app1/.meshwright; git -C checkouts/app1 add .; ${applied}`,
    code: 1,
    says: /\.meshwright is a file/,
    leaves: 'same',
  },
  {
    name: 'a folder where a file must be',
    line: `mkdir checkouts/app1/deploy/istio-sidecar.yaml; ${applied}`,
    code: [1, 3],
    leaves: 'same',
  },
  {
    name: 'a pipe where a file must be',
    line: `mkfifo checkouts/app1/deploy/istio-sidecar.yaml; timeout 30 ${applied.replace('meshwright', 'bash -c \'meshwright "$@"\' -')}`,
    code: [1, 3],
    leaves: 'same',
  },
  {
    name: 'a link where a file must be',
    line: `ln -s /etc/passwd checkouts/app1/deploy/istio-sidecar.yaml; ${applied}`,
    code: [1, 3],
    leaves: 'same',
  },
  {
    name: 'a link that leads nowhere',
    line: `ln -s nowhere checkouts/app1/deploy/istio-sidecar.yaml; ${applied}`,
    code: [1, 3],
    leaves: 'same',
  },
  {
    name: 'a folder that is a link out',
    line: `mv checkouts/app1/deploy away; ln -s ../../away checkouts/app1/deploy; ${applied}`,
    code: [1, 3],
  },
  {
    name: 'a name that differs by case only',
    line: `echo x > checkouts/app1/deploy/Istio-Sidecar.yaml; ${applied}`,
    code: 1,
    says: /upper and lower case/,
    leaves: 'same',
  },
  {
    name: 'a folder that differs by case only',
    line: `mkdir checkouts/app1/.Meshwright; touch checkouts/app1/.Meshwright/x; ${applied}`,
    code: 1,
    says: /upper and lower case/,
    leaves: 'same',
  },
  {
    name: 'drafts that a killed run left',
    line: `touch checkouts/app1/deploy/.meshwright-999999999-0123456789ab.tmp; ${applied}; r=$?; test ! -e checkouts/app1/deploy/.meshwright-999999999-0123456789ab.tmp && exit $r; exit 99`,
    code: 0,
    leaves: 'whole',
  },
  {
    name: 'a locked cache of a dead process',
    line: `mkdir -p -m 700 c/locks && printf '999999999 0 0' > c/locks/x.lock && chmod 600 c/locks/x.lock && MESHWRIGHT_CACHE=$PWD/c ${applied}`,
    code: 0,
    leaves: 'whole',
  },
  { name: 'little memory for numbers of processes', line: `ulimit -u 4000; ${open}`, code: [0, 3] },
  { name: 'no git', line: `PATH=/nowhere; ${open}`, code: 3, says: /git could not be started/ },
  {
    name: 'a time zone and a language of its own',
    line: `TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 LANG=de_DE ${applied}`,
    code: 0,
    leaves: 'whole',
  },
  {
    name: 'options for Node that a debugger left',
    line: `NODE_OPTIONS="--stack-trace-limit=0" ${applied}`,
    code: 0,
    leaves: 'whole',
  },
  {
    name: 'variables of a git hook',
    line: `GIT_DIR=/nowhere GIT_WORK_TREE=/nowhere GIT_INDEX_FILE=/nowhere ${open}`,
    code: 0,
  },
  {
    name: 'a git configuration by variables',
    line: `GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0='touch pwned' ${open}; r=$?; test ! -e pwned && exit $r; exit 99`,
    code: 0,
  },
  {
    name: 'an ssh command and an editor',
    line: `GIT_SSH_COMMAND='touch pwned' GIT_EDITOR='touch pwned' GIT_ASKPASS=./pwn ${open}; r=$?; test ! -e pwned && exit $r; exit 99`,
    code: 0,
  },
];
