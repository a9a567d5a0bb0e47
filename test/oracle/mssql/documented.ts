/**
 * Dialogues with SQL Server as its documentation and MS-TDS describe them: Debian ships no such server, so nothing here was recorded, and
 * docs/fidelity.md says so. Each batch with the tokens that answer it, in the words of tokens.ts; numbers, classes, states and texts of errors are those of sys.messages.
 */
export type Documented = readonly (readonly [batch: string, answer: readonly string[]])[]

const asked = (batch: string, ...answer: string[]) => [batch, answer] as const
/** One column, one row. */
const one = (batch: string, column: string) => asked(batch, `columns ${column}`, 'rows 1', 'done 1')
const error = (batch: string, ...errors: string[]) =>
  asked(batch, ...errors.map(words => `error ${words}`), 'done error')

export const documented: Record<string, Documented> = {
  'literals and their types': [
    one('SELECT 1', '- int not null'),
    one('SELECT 1 AS a, 2147483648 AS b', 'a int not null, b numeric not null'),
    one("SELECT 'abc' x, N'abc' y, N'é' z", 'x varchar(3) not null, y varchar(3) not null, z varchar(1) not null'),
    one('SELECT 1.50', '- numeric not null'),
    one('SELECT 1e0', '- float not null'),
    one('SELECT 0x0102', '- varbinary(2) not null'),
    one('SELECT NULL', '- intn'),
    one('SELECT @@VERSION', '- nvarchar(600)'),
    one('SELECT @@SPID', '- smallint not null'),
    one('SELECT GETDATE()', '- datetime not null'),
    one('SELECT CAST(NULL AS NVARCHAR(MAX))', '- nvarchar(max)'),
    one('SELECT CAST(1 AS TINYINT), CAST(1 AS BIGINT)', '- tinyint not null, - bigint not null'),
    one("SELECT SERVERPROPERTY('Edition')", '- variant'),
    one('SELECT NEWID()', '- guid'),
  ],
  'mistakes that end a batch': [
    error('SELECT * FROM nowhere', "208 16 1 Invalid object name 'nowhere'."),
    error('SELECT nothing', "207 16 1 Invalid column name 'nothing'."),
    error('SELECT a.b', '4104 16 1 The multi-part identifier "a.b" could not be bound.'),
    error('SELECT @x', '137 15 2 Must declare the scalar variable "@x".'),
    error('SELECT FROM x', "156 15 1 Incorrect syntax near the keyword 'FROM'."),
    error('SELECT 1 +', "102 15 1 Incorrect syntax near '+'."),
    error(
      "SELECT 'x",
      "105 15 1 Unclosed quotation mark after the character string 'x'.",
      "102 15 1 Incorrect syntax near 'x'.",
    ),
    error('SELECT *', '263 16 1 Must specify table to select from.'),
    error('SELECT nope()', "195 15 10 'nope' is not a recognized built-in function name."),
    error(
      'SELECT dbo.nope()',
      '4121 16 1 Cannot find either column "dbo" or the user-defined function or aggregate "dbo.nope", or the name is ambiguous.',
    ),
    asked(
      "SELECT CONVERT(INT, 'abc')",
      'columns - int not null',
      "error 245 16 1 Conversion failed when converting the varchar value 'abc' to data type int.",
      'done error',
    ),
    asked(
      "SELECT CAST('x' AS DATETIME)",
      'columns - datetime not null',
      'error 241 16 1 Conversion failed when converting date and/or time from character string.',
      'done error',
    ),
    error(
      'SELECT 1 UNION SELECT 1, 2',
      '205 16 1 All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
    ),
    error('USE nowhere', "911 16 1 Database 'nowhere' does not exist. Make sure that the name is entered correctly."),
    error('EXEC srv.db.dbo.p', "2812 16 62 Could not find stored procedure 'srv.db.dbo.p'."),
  ],
  'mistakes that do not': [
    asked(
      'SELECT 1/0; SELECT 1',
      'columns - int not null',
      'error 8134 16 1 Divide by zero error encountered.',
      'done more error',
      'columns - int not null',
      'rows 1',
      'done 1',
    ),
    asked(
      'EXEC nothing; SELECT 1',
      "error 2812 16 62 Could not find stored procedure 'nothing'.",
      'done more error',
      'columns - int not null',
      'rows 1',
      'done 1',
    ),
    error("RAISERROR('no %d %s', 16, 3, 7, 'way')", '50000 16 3 no 7 way'),
    error("THROW 51000, 'stop', 2", '51000 16 2 stop'),
    asked("RAISERROR('only said', 10, 1)", 'info 50000 10 1 only said', 'done'),
    asked("PRINT 'said'", 'info 0 0 1 said', 'done'),
    error('COMMIT', '3902 16 1 The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.'),
  ],
  'tables of their own': [
    asked('CREATE TABLE t (id INT IDENTITY PRIMARY KEY, w NVARCHAR(5) NOT NULL)', 'done'),
    error('CREATE TABLE T (a INT)', "2714 16 6 There is already an object named 'T' in the database."),
    asked("INSERT INTO t (w) VALUES (N'hay'), (N'straw')", 'done 2'),
    asked(
      "SELECT id, w FROM t WHERE W LIKE N'[h-j]%'",
      'columns id int not null, w nvarchar(10) not null',
      'rows 1',
      'done 1',
    ),
    asked('SELECT COUNT(*) FROM t', 'columns - intn', 'rows 1', 'done 1'),
    asked("UPDATE t SET w = N'oats' WHERE id = 2", 'done 1'),
    asked('DELETE FROM t WHERE id = 1', 'done 1'),
    error(
      'DROP TABLE nowhere',
      "3701 11 5 Cannot drop the table 'nowhere', because it does not exist or you do not have permission.",
    ),
    asked('DROP TABLE IF EXISTS nowhere', 'done'),
    asked('TRUNCATE TABLE t', 'done'),
  ],
  'what is closed': [
    asked(
      "EXEC xp_cmdshell 'x'",
      "error 15281 16 1 SQL Server blocked access to procedure 'sys.xp_cmdshell' of component 'xp_cmdshell' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'xp_cmdshell' by using sp_configure. For more information about enabling 'xp_cmdshell', search for 'xp_cmdshell' in SQL Server Books Online.",
      'done error',
    ),
    error(
      "EXEC sp_configure 'xp_cmdshell', 1",
      "15123 16 1 The configuration option 'xp_cmdshell' does not exist, or it may be an advanced option.",
    ),
    asked(
      "EXEC sp_configure 'show advanced options', 1",
      "info 15457 0 1 Configuration option 'show advanced options' changed from 0 to 1. Run the RECONFIGURE statement to install.",
      'status 0',
      'done procedure',
    ),
    asked('RECONFIGURE', 'done'),
    asked('USE msdb', 'change 1 msdb', "info 5701 0 1 Changed database context to 'msdb'.", 'done'),
  ],
}
