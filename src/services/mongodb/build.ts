import { opensslText } from '#machine/commands/openssh/version.ts'
import type { Cx, Server } from './state.ts'
import { type Doc, doc, int, type Value } from './value.ts'

/** What a build of MongoDB says of how it was made: flags of the 4.4/5.0/6.0 and of the 7.0 series. */
const common = '-Wall -Wsign-compare -Wno-unknown-pragmas -Winvalid-pch'
const warnings =
  '-Wno-unused-local-typedefs -Wno-unused-function -Wno-deprecated-declarations -Wno-unused-const-variable -Wno-unused-but-set-variable -Wno-missing-braces -fstack-protector-strong'
const tuned = '-O2 -march=sandybridge -mtune=generic -mprefer-vector-width=128'
const hardened =
  '-Wl,--build-id -Wl,--hash-style=gnu -Wl,-z,noexecstack -Wl,--warn-execstack -Wl,-z,relro -Wl,--compress-debug-sections=none -Wl,-z,origin -Wl,--enable-new-dtags'

function environment(major: number): Record<string, string> {
  if (major >= 7)
    return {
      cc: '/opt/mongodbtoolchain/v4/bin/gcc: gcc (GCC) 11.3.0',
      ccflags: `-Werror -include mongo/platform/basic.h -ffp-contract=off -fasynchronous-unwind-tables -g2 ${common} -gdwarf-5 -fno-omit-frame-pointer -fno-strict-aliasing ${tuned} ${warnings} -gdwarf64 -Wa,--nocompress-debug-sections -fno-builtin-memcmp -Wimplicit-fallthrough=5`,
      cxx: '/opt/mongodbtoolchain/v4/bin/g++: g++ (GCC) 11.3.0',
      cxxflags:
        '-Woverloaded-virtual -Wpessimizing-move -Wno-maybe-uninitialized -fsized-deallocation -Wno-deprecated -std=c++20',
      linkflags: `-Wl,--fatal-warnings -B/opt/mongodbtoolchain/v4/bin -gdwarf-5 -pthread -Wl,-z,now -fuse-ld=lld -fstack-protector-strong -gdwarf64 ${hardened}`,
      target_arch: 'x86_64',
      target_os: 'linux',
      cppdefines:
        'SAFEINT_USE_INTRINSICS 0 PCRE2_STATIC NDEBUG _XOPEN_SOURCE 700 _GNU_SOURCE _FORTIFY_SOURCE 2 ABSL_FORCE_ALIGNED_ACCESS BOOST_ENABLE_ASSERT_DEBUG_HANDLER BOOST_FILESYSTEM_NO_CXX20_ATOMIC_REF BOOST_LOG_NO_SHORTHAND_NAMES BOOST_LOG_USE_NATIVE_SYSLOG BOOST_LOG_WITHOUT_THREAD_ATTR BOOST_MATH_NO_LONG_DOUBLE_MATH_FUNCTIONS BOOST_SYSTEM_NO_DEPRECATED BOOST_THREAD_USES_DATETIME BOOST_THREAD_VERSION 5',
    }
  return {
    cc: '/opt/mongodbtoolchain/v3/bin/gcc: gcc (GCC) 8.5.0',
    ccflags: `-Werror -include mongo/platform/basic.h ${major >= 5 ? '-ffp-contract=off ' : ''}-fasynchronous-unwind-tables -ggdb ${common} -fno-omit-frame-pointer -fno-strict-aliasing ${tuned} ${warnings} -Wa,--nocompress-debug-sections -fno-builtin-memcmp`,
    cxx: '/opt/mongodbtoolchain/v3/bin/g++: g++ (GCC) 8.5.0',
    cxxflags: '-Woverloaded-virtual -Wno-maybe-uninitialized -fsized-deallocation -std=c++17',
    linkflags: `-Wl,--fatal-warnings -pthread -Wl,-z,now -fuse-ld=gold -fstack-protector-strong -Wl,--no-threads ${hardened}`,
    target_arch: 'x86_64',
    target_os: 'linux',
    ...(major >= 5
      ? {
          cppdefines:
            'SAFEINT_USE_INTRINSICS 0 PCRE_STATIC NDEBUG _XOPEN_SOURCE 700 _GNU_SOURCE _FORTIFY_SOURCE 2 BOOST_THREAD_VERSION 5 BOOST_THREAD_USES_DATETIME BOOST_SYSTEM_NO_DEPRECATED BOOST_MATH_NO_LONG_DOUBLE_MATH_FUNCTIONS BOOST_ENABLE_ASSERT_DEBUG_HANDLER BOOST_LOG_NO_SHORTHAND_NAMES BOOST_LOG_USE_NATIVE_SYSLOG BOOST_LOG_WITHOUT_THREAD_ATTR ABSL_FORCE_ALIGNED_ACCESS',
        }
      : {}),
  }
}

/** Days of OpenSSL 1.1.1's letters, which two spaces set apart. */
const letters = new Map([
  ['1.1.1f', '31 Mar 2020'],
  ['1.1.1k', '25 Mar 2021'],
  ['1.1.1n', '15 Mar 2022'],
  ['1.1.1w', '11 Sep 2023'],
])
/** What each release's archive was built with. */
const compiled = new Map([
  ['debian12', 'OpenSSL 3.0.11 19 Sep 2023'],
  ['debian11', 'OpenSSL 1.1.1n  15 Mar 2022'],
  ['ubuntu2204', 'OpenSSL 3.0.2 15 Mar 2022'],
  ['ubuntu2004', 'OpenSSL 1.1.1f  31 Mar 2020'],
])

/** buildInfo. */
export function buildInfo({ persona }: Cx, { version, series }: Server): Doc {
  const { git, distmod } = persona.software.mongodb
  const library = persona.software.openssl.version
  const old = letters.get(library)
  const numbers = version.split('.').map(part => int(Number(part)))
  const engines = ['devnull', ...(series[0] < 6 ? ['ephemeralForTest'] : []), 'wiredTiger']
  return doc({
    version,
    gitVersion: git,
    modules: [],
    allocator: 'tcmalloc',
    javascriptEngine: 'mozjs',
    sysInfo: 'deprecated',
    versionArray: [...numbers, int(0)],
    openssl: doc({
      running: old === undefined ? opensslText(persona) : `OpenSSL ${library}  ${old}`,
      compiled: compiled.get(distmod) ?? 'OpenSSL 3.0.2 15 Mar 2022',
    }),
    buildEnvironment: doc({ distmod, distarch: 'x86_64', ...environment(series[0]) }),
    bits: int(64),
    debug: false,
    maxBsonObjectSize: int(16_777_216),
    storageEngines: engines as Value[],
    ok: 1,
  })
}
