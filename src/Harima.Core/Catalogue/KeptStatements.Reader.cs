using System.Collections;
using System.Data.Common;
using System.Text;
using SQLitePCL;

namespace Harima.Catalogue;

sealed partial class KeptStatements
{
    /// <summary>The answer of a command. What is left of its statements runs when it is closed.</summary>
    sealed class Reader : DbDataReader
    {
        readonly Command _command;
        readonly Statement _statement;
        readonly DbConnection? _toClose;
        int _next;
        Part? _part;

        // What was stepped to and not yet asked for.
        bool _isAhead;
        bool _hasRow;
        bool _isClosed;
        int _changed;

        // As SQLite has no types of columns, that of the last value that was not null.
        int[] _types = [];

        public Reader(Command command, Statement statement, DbConnection? toClose)
        {
            (_command, _statement, _toClose) = (command, statement, toClose);
            try
            {
                NextResult();
            }
            catch
            {
                _isClosed = true;
                command.GiveBack();
                throw;
            }
        }

        public override int Depth => 0;
        public override int FieldCount => _part?.Columns ?? 0;
        public override bool HasRows => _hasRow;
        public override bool IsClosed => _isClosed;
        public override int RecordsAffected => _changed;
        public override object this[int ordinal] => GetValue(ordinal);
        public override object this[string name] => GetValue(GetOrdinal(name));

        public override bool Read()
        {
            if (_part is null)
                return false;
            if (_isAhead)
                _isAhead = false;
            else if (_hasRow)
                _hasRow = _command.Step(_part);
            return _hasRow;
        }

        public override bool NextResult()
        {
            _part?.Reset();
            (_part, _isAhead, _hasRow) = (null, false, false);
            while (_statement.PartAt(_next) is { } part)
            {
                _next++;
                if (part.Columns == 0)
                {
                    _changed += _command.Run(part);
                    continue;
                }
                _hasRow = _command.Begin(part);
                (_part, _isAhead, _types) = (part, true, new int[part.Columns]);
                return true;
            }
            return false;
        }

        public override void Close()
        {
            if (_isClosed)
                return;
            _isClosed = true;
            try
            {
                while (NextResult()) { }
            }
            finally
            {
                _command.GiveBack();
                _toClose?.Close();
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Close();
            base.Dispose(disposing);
        }

        sqlite3_stmt Row => _part!.Handle;

        public override object GetValue(int ordinal) =>
            raw.sqlite3_column_type(Row, ordinal) switch
            {
                raw.SQLITE_INTEGER => raw.sqlite3_column_int64(Row, ordinal),
                raw.SQLITE_TEXT => GetString(ordinal),
                raw.SQLITE_FLOAT => raw.sqlite3_column_double(Row, ordinal),
                raw.SQLITE_BLOB => raw.sqlite3_column_blob(Row, ordinal).ToArray(),
                _ => DBNull.Value,
            };

        public override bool IsDBNull(int ordinal) => raw.sqlite3_column_type(Row, ordinal) == raw.SQLITE_NULL;

        // The bytes of a text are UTF-8, and their number is known, whatever is among them.
        public override string GetString(int ordinal) =>
            IsDBNull(ordinal)
                ? throw new InvalidCastException($"{GetName(ordinal)} is null.")
                : Encoding.UTF8.GetString(raw.sqlite3_column_blob(Row, ordinal));

        public override long GetInt64(int ordinal) =>
            IsDBNull(ordinal)
                ? throw new InvalidCastException($"{GetName(ordinal)} is null.")
                : raw.sqlite3_column_int64(Row, ordinal);

        public override double GetDouble(int ordinal) =>
            IsDBNull(ordinal)
                ? throw new InvalidCastException($"{GetName(ordinal)} is null.")
                : raw.sqlite3_column_double(Row, ordinal);

        public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

        public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

        public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

        public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

        public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

        public override T GetFieldValue<T>(int ordinal) =>
            typeof(T) == typeof(byte[]) ? (T)(object)raw.sqlite3_column_blob(Row, ordinal).ToArray()
            : typeof(T) == typeof(long) ? (T)(object)GetInt64(ordinal)
            : typeof(T) == typeof(int) ? (T)(object)GetInt32(ordinal)
            : typeof(T) == typeof(bool) ? (T)(object)GetBoolean(ordinal)
            : (T)GetValue(ordinal);

        public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length)
        {
            var bytes = raw.sqlite3_column_blob(Row, ordinal);
            if (buffer is null)
                return bytes.Length;
            var part = bytes[(int)Math.Min(dataOffset, bytes.Length)..];
            part = part[..Math.Min(length, part.Length)];
            part.CopyTo(buffer.AsSpan(bufferOffset));
            return part.Length;
        }

        public override int GetValues(object[] values)
        {
            var count = Math.Min(values.Length, FieldCount);
            for (var n = 0; n < count; n++)
                values[n] = GetValue(n);
            return count;
        }

        public override string GetName(int ordinal) => raw.sqlite3_column_name(Row, ordinal).utf8_to_string();

        public override int GetOrdinal(string name)
        {
            for (var n = 0; n < FieldCount; n++)
                if (string.Equals(GetName(n), name, StringComparison.OrdinalIgnoreCase))
                    return n;
            throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such column.");
        }

        public override string GetDataTypeName(int ordinal) =>
            raw.sqlite3_column_decltype(Row, ordinal).utf8_to_string() ?? "";

        public override Type GetFieldType(int ordinal)
        {
            var type = raw.sqlite3_column_type(Row, ordinal);
            if (type == raw.SQLITE_NULL || type == 0)
                type = _types[ordinal] != 0 ? _types[ordinal] : Declared(ordinal);
            else
                _types[ordinal] = type;
            return type switch
            {
                raw.SQLITE_INTEGER => typeof(long),
                raw.SQLITE_FLOAT => typeof(double),
                raw.SQLITE_TEXT => typeof(string),
                _ => typeof(byte[]),
            };
        }

        // https://www.sqlite.org/datatype3.html#determination_of_column_affinity
        int Declared(int ordinal)
        {
            var name = GetDataTypeName(ordinal);
            bool Has(string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
            return name.Length == 0 ? raw.SQLITE_BLOB
                : Has("INT") ? raw.SQLITE_INTEGER
                : Has("CHAR") || Has("CLOB") || Has("TEXT") ? raw.SQLITE_TEXT
                : Has("BLOB") ? raw.SQLITE_BLOB
                : Has("REAL") || Has("FLOA") || Has("DOUB") ? raw.SQLITE_FLOAT
                : raw.SQLITE_TEXT;
        }

        public override IEnumerator GetEnumerator() => new DbEnumerator(this);

        public override char GetChar(int ordinal) => throw new NotSupportedException();

        public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
            throw new NotSupportedException();

        public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException();

        public override decimal GetDecimal(int ordinal) => throw new NotSupportedException();

        public override Guid GetGuid(int ordinal) => throw new NotSupportedException();
    }
}
