import type { Value } from '#sql/value.ts'
import type { View } from './catalog.ts'
import { columns, objectsOf, RTM, schemaIds, shippedViews, some } from './described.ts'
import type { Session } from './state.ts'
import { systemTypes } from './types.ts'
import { empty, stamp, view } from './views-define.ts'

/** Views of one database: its objects, columns, modules, principals and files. */
const tables = (session: Session, database: string) =>
  objectsOf(session, database)
    .filter(({ type }) => type === 'U' || type === 'V')
    .map(({ name, schema, type, text }) => ({
      TABLE_CATALOG: session.server.databases.get(database)?.name ?? database,
      TABLE_SCHEMA: schema,
      TABLE_NAME: name,
      TABLE_TYPE: type === 'V' ? 'VIEW' : 'BASE TABLE',
      VIEW_DEFINITION: text ?? null,
      CHECK_OPTION: 'NONE',
      IS_UPDATABLE: 'NO',
    }))
const users = (session: Session, database: string) =>
  [
    ['public', 'R', 0],
    ['dbo', 'S', 1],
    ['guest', 'S', 2],
    ['INFORMATION_SCHEMA', 'S', 3],
    ['sys', 'S', 4],
    ['db_owner', 'R', 16_384],
    ['db_datareader', 'R', 16_390],
    ['db_datawriter', 'R', 16_391],
  ].map(([name, type, id]) => ({
    name: String(name),
    principal_id: BigInt(id as number),
    uid: BigInt(id as number),
    type: String(type),
    type_desc: type === 'R' ? 'DATABASE_ROLE' : 'SQL_USER',
    default_schema_name: type === 'S' ? (name === 'guest' ? 'guest' : 'dbo') : null,
    create_date: stamp(RTM),
    modify_date: stamp(RTM),
    sid: name === 'dbo' ? '\x01' : null,
    is_fixed_role: type === 'R' && name !== 'public' ? 1n : 0n,
    authentication_type_desc: name === 'dbo' ? 'INSTANCE' : 'NONE',
    issqlrole: type === 'R' ? 1n : 0n,
    islogin: type === 'S' ? 1n : 0n,
    hasdbaccess: name === 'dbo' ? 1n : 0n,
    status: 0n,
    CATALOG_NAME: session.server.databases.get(database)?.name ?? database,
    SCHEMA_NAME: String(name),
    SCHEMA_OWNER: String(name),
    schema_id: schemaIds.get(String(name).toLowerCase()) ?? BigInt(id as number),
  }))
const schemas = (session: Session, database: string) =>
  users(session, database).filter(({ name }) => !/^(?:public|db_data)/.test(name))
const files = (session: Session, database?: string) =>
  [...session.server.databases.values()]
    .filter(({ name }) => database === undefined || name.toLowerCase() === database)
    .flatMap(({ id, name }) => {
      const base = name === 'msdb' ? 'MSDB' : name === 'tempdb' ? 'temp' : name
      return [0, 1].map(log => {
        const logical = log
          ? name === 'tempdb'
            ? 'templog'
            : name === 'master'
              ? 'mastlog'
              : `${base}${name === 'msdb' ? 'Log' : '_log'}`
          : name === 'msdb'
            ? 'MSDBData'
            : name === 'tempdb'
              ? 'tempdev'
              : name
        const file = log ? (name === 'master' ? 'mastlog' : logical) : name === 'tempdb' ? 'tempdb' : logical
        return {
          database_id: BigInt(id),
          dbid: BigInt(id),
          file_id: BigInt(log + 1),
          fileid: BigInt(log + 1),
          groupid: BigInt(log ? 0 : 1),
          type: BigInt(log),
          type_desc: log ? 'LOG' : 'ROWS',
          name: logical,
          filename: `/var/opt/mssql/data/${file}.${log ? 'ldf' : 'mdf'}`,
          physical_name: `/var/opt/mssql/data/${file}.${log ? 'ldf' : 'mdf'}`,
          state: 0n,
          state_desc: 'ONLINE',
          size: BigInt(1024 + id * 128),
          max_size: -1n,
          growth: 8192n,
        }
      })
    })
const assemblies = ({ server }: Session) =>
  [...server.assemblies.values()].map(({ name, createdAt, permission }, i) => ({
    name,
    principal_id: 1n,
    assembly_id: BigInt(65_536 + i),
    clr_name: `${name.toLowerCase()}, version=0.0.0.0, culture=neutral, publickeytoken=null, processorarchitecture=msil`,
    permission_set: permission === 'SAFE' ? 1n : permission === 'UNSAFE' ? 3n : 2n,
    permission_set_desc:
      permission === 'UNSAFE' ? 'UNSAFE_ACCESS' : `${permission}${permission === 'SAFE' ? '_ACCESS' : ''}`,
    is_visible: 1n,
    is_user_defined: 1n,
    create_date: stamp(createdAt),
    modify_date: stamp(createdAt),
  }))
const types = () =>
  [...systemTypes].map(([name, [id, bytes, precision]]) => ({
    name,
    system_type_id: BigInt(id),
    user_type_id: BigInt(id),
    xtype: BigInt(id),
    xusertype: BigInt(id),
    schema_id: 4n,
    max_length: BigInt(bytes),
    length: BigInt(bytes),
    precision: BigInt(precision),
    scale: 0n,
    is_nullable: 1n,
    is_user_defined: 0n,
    is_table_type: 0n,
    is_assembly_type: 0n,
    collation_name: /char|text/.test(name) ? 'SQL_Latin1_General_CP1_CI_AS' : null,
  }))
const routines = (session: Session, database: string) =>
  objectsOf(session, database)
    .filter(({ type }) => /^(?:P|PC|FN|FS)$/.test(type))
    .map(({ name, schema, type, text, created }) => ({
      SPECIFIC_CATALOG: database,
      SPECIFIC_SCHEMA: schema,
      SPECIFIC_NAME: name,
      ROUTINE_CATALOG: database,
      ROUTINE_SCHEMA: schema,
      ROUTINE_NAME: name,
      ROUTINE_TYPE: type.startsWith('P') ? 'PROCEDURE' : 'FUNCTION',
      ROUTINE_DEFINITION: (text ?? null) as Value,
      CREATED: created,
      LAST_ALTERED: created,
    }))

const OBJECT =
  'name:S object_id:I principal_id:i schema_id:I parent_object_id:I type:c type_desc:d create_date:t modify_date:t is_ms_shipped:b is_published:b is_schema_published:b'
const OLD = 'name:S id:I xtype:c uid:h info:h status:i parent_obj:I crdate:t refdate:t category:i type:c'
const COLUMN =
  'object_id:I name:s column_id:I system_type_id:y user_type_id:I max_length:h precision:y scale:y collation_name:s is_nullable:b is_ansi_padded:b is_rowguidcol:b is_identity:b is_computed:b is_sparse:b default_object_id:I'
const ASSEMBLY =
  'name:S principal_id:I assembly_id:I clr_name:n permission_set:y permission_set_desc:d is_visible:b create_date:t modify_date:t is_user_defined:b'

export const databaseViews: readonly (readonly [string, View])[] = [
  ['sys.objects', view(OBJECT, some())],
  ['sys.all_objects', view(OBJECT, (session, database) => [...some()(session, database), ...shippedViews()])],
  ['sys.system_objects', view(OBJECT, shippedViews)],
  ['sys.sysobjects', view(OLD, some())],
  [
    'sys.tables',
    view(
      `${OBJECT} max_column_id_used:I uses_ansi_nulls:b is_memory_optimized:b temporal_type:y temporal_type_desc:d`,
      some('U'),
    ),
  ],
  ['sys.views', view(OBJECT, some('V'))],
  ['sys.all_views', view(OBJECT, (session, database) => [...some('V')(session, database), ...shippedViews()])],
  ['sys.procedures', view(OBJECT, some('P', 'PC'))],
  [
    'sys.triggers',
    view(
      'name:S object_id:I parent_id:I type:c type_desc:d create_date:t modify_date:t is_ms_shipped:b is_disabled:b',
      some('TR'),
    ),
  ],
  ['sys.sql_modules', view('object_id:I definition:m uses_ansi_nulls:b', some('V', 'P', 'FN', 'TR'))],
  ['sys.all_sql_modules', view('object_id:I definition:m uses_ansi_nulls:b', some('V', 'P', 'FN', 'TR'))],
  ['sys.syscomments', view('id:I colid:h text:n', some('V', 'P', 'FN', 'TR'))],
  ['sys.columns', view(COLUMN, columns)],
  ['sys.all_columns', view(COLUMN, columns)],
  [
    'sys.syscolumns',
    view(
      'name:s id:I xtype:y xusertype:h length:h colid:h status:y prec:h scale:i iscomputed:i isnullable:i usertype:h type:y colorder:h',
      columns,
    ),
  ],
  [
    'sys.identity_columns',
    view(COLUMN, (session, database) => columns(session, database).filter(({ is_identity }) => is_identity === 1n)),
  ],
  [
    'sys.types',
    view(
      'name:S system_type_id:y user_type_id:I schema_id:I max_length:h precision:y scale:y collation_name:s is_nullable:b is_user_defined:b is_assembly_type:b is_table_type:b',
      types,
    ),
  ],
  ['sys.systypes', view('name:S xtype:y xusertype:h length:h', types)],
  ['sys.schemas', view('name:S schema_id:I principal_id:i', schemas)],
  [
    'sys.database_principals',
    view(
      'name:S principal_id:I type:c type_desc:d default_schema_name:s create_date:t modify_date:t sid:x is_fixed_role:b authentication_type_desc:d',
      users,
    ),
  ],
  ['sys.sysusers', view('uid:h status:h name:s sid:x islogin:i hasdbaccess:i issqlrole:i', users)],
  ['sys.database_role_members', empty('role_principal_id:I member_principal_id:I')],
  [
    'sys.database_permissions',
    empty(
      'class:y class_desc:d major_id:I minor_id:I grantee_principal_id:I grantor_principal_id:I type:c permission_name:s state:c state_desc:d',
    ),
  ],
  [
    'sys.master_files',
    view(
      'database_id:I file_id:I type:y type_desc:d name:S physical_name:n state:y state_desc:d size:I max_size:I growth:I',
      session => files(session),
    ),
  ],
  ['sys.sysaltfiles', view('fileid:h groupid:h size:i dbid:h name:S filename:n', session => files(session))],
  [
    'sys.database_files',
    view('file_id:I type:y type_desc:d name:S physical_name:n state:y state_desc:d size:I max_size:I growth:I', files),
  ],
  ['sys.sysfiles', view('fileid:h groupid:h size:i name:S filename:n', files)],
  ['sys.assemblies', view(ASSEMBLY, assemblies)],
  [
    'sys.assembly_files',
    view('assembly_id:I name:n file_id:I', session => assemblies(session).map(one => ({ ...one, file_id: 1n }))),
  ],
  ['sys.assembly_modules', empty('object_id:I assembly_id:I assembly_class:s assembly_method:s')],
  ['sys.trusted_assemblies', empty('hash:x description:n create_date:t created_by:s')],
  [
    'sys.indexes',
    view('object_id:I name:s index_id:I type:y type_desc:d is_unique:b is_primary_key:b', (session, database) =>
      objectsOf(session, database).flatMap(({ table, id }) =>
        (table?.keys ?? []).map(({ kind, name, columns: of }, i) => ({
          object_id: BigInt(id),
          name: name ?? `${kind}_${of.join('_')}`,
          index_id: BigInt(i + 1),
          type: kind === 'primary' ? 1n : 2n,
          type_desc: kind === 'primary' ? 'CLUSTERED' : 'NONCLUSTERED',
          is_unique: kind === 'index' ? 0n : 1n,
          is_primary_key: kind === 'primary' ? 1n : 0n,
        })),
      ),
    ),
  ],
  [
    'sys.sysindexes',
    view('id:I name:s indid:h rows:g', (session, database) =>
      objectsOf(session, database).flatMap(({ table, id }) =>
        table
          ? [
              {
                id: BigInt(id),
                name: table.keys[0]?.name ?? null,
                indid: table.keys.length ? 1n : 0n,
                rows: BigInt(table.rows.length),
              },
            ]
          : [],
      ),
    ),
  ],
  [
    'sys.partitions',
    view('partition_id:g object_id:I index_id:I partition_number:I rows:g', (session, database) =>
      objectsOf(session, database).flatMap(({ table, id }) =>
        table && !table.view
          ? [
              {
                partition_id: BigInt(id) << 16n,
                object_id: BigInt(id),
                index_id: 1n,
                partition_number: 1n,
                rows: BigInt(table.rows.length),
              },
            ]
          : [],
      ),
    ),
  ],
  [
    'sys.dm_db_partition_stats',
    view('object_id:I index_id:I row_count:g used_page_count:g', (session, database) =>
      objectsOf(session, database).flatMap(({ table, id }) =>
        table && !table.view
          ? [{ object_id: BigInt(id), index_id: 1n, row_count: BigInt(table.rows.length), used_page_count: 2n }]
          : [],
      ),
    ),
  ],
  [
    'sys.index_columns',
    empty('object_id:I index_id:I index_column_id:I column_id:I key_ordinal:y is_included_column:b'),
  ],
  ['sys.foreign_keys', empty('name:S object_id:I parent_object_id:I referenced_object_id:i')],
  [
    'sys.foreign_key_columns',
    empty('constraint_object_id:I parent_object_id:I parent_column_id:I referenced_object_id:I referenced_column_id:I'),
  ],
  ['sys.key_constraints', empty('name:S object_id:I parent_object_id:I type:c type_desc:d unique_index_id:i')],
  ['sys.default_constraints', empty('name:S object_id:I parent_object_id:I parent_column_id:I definition:m')],
  ['sys.check_constraints', empty('name:S object_id:I parent_object_id:I definition:m')],
  ['sys.computed_columns', empty('object_id:I name:s column_id:I definition:m is_persisted:b')],
  ['sys.extended_properties', empty('class:y class_desc:d major_id:I minor_id:I name:S value:v')],
  ['sys.synonyms', empty('name:S object_id:I schema_id:I base_object_name:n')],
  [
    'sys.parameters',
    empty('object_id:I name:s parameter_id:I system_type_id:y user_type_id:I max_length:h is_output:b'),
  ],
  [
    'sys.filegroups',
    view('name:S data_space_id:I type:c type_desc:d is_default:b', () => [
      { name: 'PRIMARY', data_space_id: 1n, type: 'FG', type_desc: 'ROWS_FILEGROUP', is_default: 1n },
    ]),
  ],
  ['information_schema.tables', view('TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:S TABLE_TYPE:d', tables)],
  [
    'information_schema.views',
    view(
      'TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:S VIEW_DEFINITION:n CHECK_OPTION:d IS_UPDATABLE:c',
      (session, database) => tables(session, database).filter(({ TABLE_TYPE }) => TABLE_TYPE === 'VIEW'),
    ),
  ],
  [
    'information_schema.columns',
    view(
      'TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:S COLUMN_NAME:s ORDINAL_POSITION:i COLUMN_DEFAULT:n IS_NULLABLE:d DATA_TYPE:s CHARACTER_MAXIMUM_LENGTH:i CHARACTER_OCTET_LENGTH:i NUMERIC_PRECISION:y NUMERIC_SCALE:i DATETIME_PRECISION:h CHARACTER_SET_NAME:s COLLATION_NAME:s',
      columns,
    ),
  ],
  ['information_schema.schemata', view('CATALOG_NAME:s SCHEMA_NAME:s SCHEMA_OWNER:s', schemas)],
  [
    'information_schema.routines',
    view(
      'SPECIFIC_CATALOG:s SPECIFIC_SCHEMA:s SPECIFIC_NAME:S ROUTINE_CATALOG:s ROUTINE_SCHEMA:s ROUTINE_NAME:S ROUTINE_TYPE:d ROUTINE_DEFINITION:n CREATED:t LAST_ALTERED:t',
      routines,
    ),
  ],
  [
    'information_schema.table_constraints',
    empty(
      'CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_NAME:S TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s CONSTRAINT_TYPE:d',
    ),
  ],
  [
    'information_schema.key_column_usage',
    empty('CONSTRAINT_NAME:S TABLE_SCHEMA:s TABLE_NAME:s COLUMN_NAME:s ORDINAL_POSITION:I'),
  ],
]
