import type { Dialect } from './tokens.ts'

/** Words that are no names without quotes. MariaDB 10.11 lex.h; PostgreSQL 15 appendix C, "reserved"; "Reserved Keywords (Transact-SQL)". */
const words: Record<Dialect, ReadonlySet<string>> = {
  mysql: new Set(
    `accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call cascade case
    change char character check collate column condition constraint continue convert create cross current_date
    current_role current_time current_timestamp current_user cursor database databases day_hour day_microsecond
    day_minute day_second dec decimal declare default delayed delete desc describe deterministic distinct distinctrow
    div double drop dual each else elseif enclosed escaped except exists exit explain false fetch float for force
    foreign from fulltext grant group having high_priority hour_microsecond hour_minute hour_second if ignore in index
    infile inner inout insensitive insert int integer intersect interval into is iterate join key keys kill leading
    leave left like limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority
    match maxvalue mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural not
    no_write_to_binlog null numeric on optimize option optionally or order out outer outfile over partition precision
    primary procedure purge range read reads read_write real recursive references regexp release rename repeat replace
    require resignal restrict return returning revoke right rlike rows schema schemas second_microsecond select
    sensitive separator set show signal smallint spatial specific sql sqlexception sqlstate sqlwarning sql_big_result
    sql_calc_found_rows sql_small_result ssl starting straight_join table terminated then tinyblob tinyint tinytext to
    trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp
    values varbinary varchar varcharacter varying when where while window with write xor year_month zerofill`.split(
      /\s+/,
    ),
  ),
  postgresql: new Set(
    `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
    leading limit localtime localtimestamp not null offset on only or order placing primary references returning select
    session_user some symmetric table then to trailing true union unique user using variadic when where window with
    authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like
    natural notnull outer overlaps right similar tablesample verbose`.split(/\s+/),
  ),
  tsql: new Set(
    `add all alter and any as asc authorization backup begin between break browse bulk by cascade case check checkpoint
    close clustered coalesce collate column commit compute constraint contains containstable continue convert create
    cross current current_date current_time current_timestamp current_user cursor database dbcc deallocate declare
    default delete deny desc disk distinct distributed double drop dump else end errlvl escape except exec execute
    exists exit external fetch file fillfactor for foreign freetext freetexttable from full function goto grant group
    having holdlock identity identity_insert identitycol if in index inner insert intersect into is join key kill left
    like lineno load merge national nocheck nonclustered not null nullif of off offsets on open opendatasource openquery
    openrowset openxml option or order outer over percent pivot plan primary print proc procedure public raiserror read
    readtext reconfigure references replication restore restrict return revert revoke right rollback rowcount rowguidcol
    rule save schema select session_user set setuser shutdown some statistics system_user table tablesample textsize
    then to top tran transaction trigger truncate try_convert tsequal union unique unpivot update updatetext use user
    values varying view waitfor when where while with writetext`.split(/\s+/),
  ),
}
/** Of those, words that begin an expression of their own. */
const spoken: Record<Dialect, ReadonlySet<string>> = {
  mysql: new Set(
    `binary case char convert current_date current_role current_time current_timestamp current_user database default
    exists false if insert interval left localtime localtimestamp match mod not null repeat replace right schema true
    utc_date utc_time utc_timestamp values select with`.split(/\s+/),
  ),
  postgresql: new Set(
    `array case cast current_catalog current_date current_role current_time current_timestamp current_user default false
    left right localtime localtimestamp not null session_user true user authorization binary collation current_schema
    overlaps variadic select with row`.split(/\s+/),
  ),
  tsql: new Set(
    `case coalesce convert current_timestamp current_user exists identity left not null nullif opendatasource openquery
    openrowset right select session_user system_user try_convert update user with`.split(/\s+/),
  ),
}

export const isReserved = (word: string, dialect: Dialect): boolean => words[dialect].has(word)
/** May a bare word begin an expression? */
export const speaks = (word: string, dialect: Dialect): boolean =>
  !words[dialect].has(word) || spoken[dialect].has(word)
