using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Harima.Catalogue;

sealed partial class KeptStatements
{
    /// <summary>One text, which may be several statements: each is made ready when it is reached, for it may need what those before it made.</summary>
    sealed class Statement(sqlite3 database, string text) : IDisposable
    {
        readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);
        readonly List<Part> _parts = [];
        int _read;

        public string Text => text;

        /// <returns>Null after the last.</returns>
        public Part? PartAt(int number)
        {
            while (number >= _parts.Count && _read < _utf8.Length)
            {
                var rest = _utf8.AsSpan(_read);
                SqliteException.ThrowExceptionForRC(
                    raw.sqlite3_prepare_v3(database, rest, raw.SQLITE_PREPARE_PERSISTENT, out var handle, out var tail),
                    database
                );
                _read = _utf8.Length - tail.Length;
                // Nothing but white space or a comment.
                if (handle.IsInvalid)
                    handle.Dispose();
                else
                    _parts.Add(new Part(handle));
            }
            return number < _parts.Count ? _parts[number] : null;
        }

        public void Reset()
        {
            foreach (var part in _parts)
                part.Reset();
        }

        public void Dispose()
        {
            foreach (var part in _parts)
                part.Handle.Dispose();
        }
    }

    /// <summary>One statement, ready to run.</summary>
    sealed class Part
    {
        // Of each parameter, by its number less one: with the sign it begins with.
        readonly string[] _names;

        // The names as they were given last time, and the numbers they had: nearly always they come again in the same order.
        string[] _given = [];
        int[] _numbers = [];
        bool _isClear = true;

        public Part(sqlite3_stmt handle)
        {
            Handle = handle;
            _names = new string[raw.sqlite3_bind_parameter_count(handle)];
            for (var n = 0; n < _names.Length; n++)
                _names[n] = raw.sqlite3_bind_parameter_name(handle, n + 1).utf8_to_string() ?? "";
            Columns = raw.sqlite3_column_count(handle);
        }

        public sqlite3_stmt Handle { get; }

        /// <summary>Of a row of its answer; 0 where it has none.</summary>
        public int Columns { get; }

        /// <exception cref="InvalidOperationException">A parameter has no value, or one of a type that cannot be kept.</exception>
        public void Bind(KeptStatements connection, List<Parameter> parameters)
        {
            if (_names.Length == 0)
                return;
            _isClear = false;
            if (!IsAsBefore(parameters))
                Look(parameters);
            for (var n = 0; n < parameters.Count; n++)
                if (_numbers[n] > 0)
                    connection.Bind(Handle, _numbers[n], parameters[n].Value);
        }

        bool IsAsBefore(List<Parameter> parameters)
        {
            if (_given.Length != parameters.Count)
                return false;
            for (var n = 0; n < _given.Length; n++)
                if (!string.Equals(_given[n], parameters[n].ParameterName, StringComparison.Ordinal))
                    return false;
            return true;
        }

        void Look(List<Parameter> parameters)
        {
            var given = parameters.Select(parameter => parameter.ParameterName).ToArray();
            var numbers = Array.ConvertAll(
                given,
                name =>
                    1
                    + Array.FindIndex(
                        _names,
                        known =>
                            known.Length > 0
                            && (known.AsSpan(1).SequenceEqual(name) || known.Equals(name, StringComparison.Ordinal))
                    )
            );
            for (var n = 1; n <= _names.Length; n++)
                if (!numbers.Contains(n))
                    throw new InvalidOperationException($"The parameter {_names[n - 1]} has no value.");
            (_given, _numbers) = (given, numbers);
        }

        public void Reset()
        {
            _ = raw.sqlite3_reset(Handle);
            // Large values would be kept in memory.
            if (!_isClear)
                _ = raw.sqlite3_clear_bindings(Handle);
            _isClear = true;
        }
    }

    void Bind(sqlite3_stmt statement, int number, object? value)
    {
        var answer = value switch
        {
            null or DBNull => raw.sqlite3_bind_null(statement, number),
            string text => BindText(statement, number, text),
            long whole => raw.sqlite3_bind_int64(statement, number, whole),
            int whole => raw.sqlite3_bind_int64(statement, number, whole),
            bool truth => raw.sqlite3_bind_int64(statement, number, truth ? 1 : 0),
            double real => raw.sqlite3_bind_double(statement, number, real),
            byte[] bytes => raw.sqlite3_bind_blob(statement, number, bytes),
            short or ushort or byte or sbyte or uint => raw.sqlite3_bind_int64(
                statement,
                number,
                Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)
            ),
            ulong whole => raw.sqlite3_bind_int64(statement, number, unchecked((long)whole)),
            float real => raw.sqlite3_bind_double(statement, number, real),
            Enum named => raw.sqlite3_bind_int64(
                statement,
                number,
                Convert.ToInt64(named, System.Globalization.CultureInfo.InvariantCulture)
            ),
            _ => throw new InvalidOperationException($"The catalogue keeps no values of type {value.GetType().Name}."),
        };
        SqliteException.ThrowExceptionForRC(answer, inner.Handle);
    }

    int BindText(sqlite3_stmt statement, int number, string text)
    {
        // No bytes at all would be no text at all.
        if (text.Length == 0)
            return raw.sqlite3_bind_text(statement, number, "");
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > _scratch.Length)
        {
            if (text.Length > 1 << 20)
                return raw.sqlite3_bind_text(statement, number, Encoding.UTF8.GetBytes(text));
            _scratch = new byte[most];
        }
        var length = Encoding.UTF8.GetBytes(text, _scratch);
        return raw.sqlite3_bind_text(statement, number, _scratch.AsSpan(0, length));
    }
}
