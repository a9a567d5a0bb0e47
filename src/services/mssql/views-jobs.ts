import type { View } from './catalog.ts'
import { empty, stamp, view } from './views-define.ts'

/** The agent's tables in msdb. */
export const jobViews: readonly (readonly [string, View])[] = [
  [
    'dbo.sysjobs',
    view(
      'job_id:u originating_server_id:i name:S enabled:y description:n start_step_id:i category_id:i owner_sid:x date_created:t date_modified:t version_number:i',
      ({ server }) =>
        [...server.jobs.values()].map(({ id, name, enabled, createdAt }) => ({
          job_id: id,
          originating_server_id: 0n,
          name,
          enabled: enabled ? 1n : 0n,
          description: 'No description available.',
          start_step_id: 1n,
          category_id: 0n,
          owner_sid: '\x01',
          date_created: stamp(createdAt),
          date_modified: stamp(createdAt),
          version_number: 1n,
        })),
    ),
  ],
  [
    'dbo.sysjobs_view',
    view('job_id:u name:S enabled:y', ({ server }) =>
      [...server.jobs.values()].map(({ id, name, enabled }) => ({ job_id: id, name, enabled: enabled ? 1n : 0n })),
    ),
  ],
  [
    'dbo.sysjobsteps',
    view('job_id:u step_id:i step_name:S subsystem:s command:m database_name:s', ({ server }) =>
      [...server.jobs.values()].flatMap(({ id, steps }) =>
        steps.map(({ name, subsystem, command, database }, i) => ({
          job_id: id,
          step_id: BigInt(i + 1),
          step_name: name,
          subsystem,
          command,
          database_name: database,
        })),
      ),
    ),
  ],
  [
    'dbo.sysjobservers',
    view('job_id:u server_id:i last_run_outcome:y', ({ server }) =>
      [...server.jobs.values()].map(({ id }) => ({ job_id: id, server_id: 0n, last_run_outcome: 5n })),
    ),
  ],
  ['dbo.sysjobschedules', empty('schedule_id:i job_id:u next_run_date:i next_run_time:i')],
  [
    'dbo.sysjobhistory',
    empty('instance_id:i job_id:u step_id:i step_name:s message:n run_status:i run_date:i run_time:i'),
  ],
  ['dbo.backupset', empty('backup_set_id:i database_name:s backup_start_date:t backup_finish_date:t type:c')],
  ['dbo.sysmail_profile', empty('profile_id:i name:s')],
]
