/** Which services run when skep.yaml does not say, and whether store and page do. */
export const editions = {
  standard: { services: 'all', hive: true },
  mini: { services: ['ssh', 'telnet', 'http'], hive: true },
  sensor: { services: 'all', hive: false },
  passive: { services: [], hive: true },
} as const satisfies Record<string, { services: 'all' | readonly string[]; hive: boolean }>
