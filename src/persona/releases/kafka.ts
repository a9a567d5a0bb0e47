import type { History } from './release.ts'

/** Apache Kafka as it was downloaded: no distribution has it, so a machine's is as old as its installation, or newer. */
export const kafkaReleases: History = [
  ['2021-09-19', '2.8.1'],
  ['2022-09-19', '2.8.2'],
]
