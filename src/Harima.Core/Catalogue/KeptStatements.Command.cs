using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Harima.Catalogue;

sealed partial class KeptStatements
{
    /// <summary>Collects text and parameters; the statement that is kept for the text then runs with them.</summary>
    sealed class Command(KeptStatements connection) : DbCommand
    {
        readonly Parameters _parameters = new();
        Statement? _statement;

        [AllowNull]
        public override string CommandText { get; set; } = "";

        // Nobody else writes, and SQLite waits for checkpoints by itself (busy_timeout).
        public override int CommandTimeout { get; set; } = 30;

        public override CommandType CommandType
        {
            get => CommandType.Text;
            set
            {
                if (value != CommandType.Text)
                    throw new NotSupportedException($"SQLite has no commands of type {value}.");
            }
        }

        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection
        {
            get => connection;
            set => throw new NotSupportedException();
        }

        protected override DbParameterCollection DbParameterCollection => _parameters;
        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel() => raw.sqlite3_interrupt(connection.Handle);

        public override void Prepare() { }

        /// <returns>How many rows were changed, by all statements of the text.</returns>
        public override int ExecuteNonQuery()
        {
            var statement = Take();
            try
            {
                var changed = 0;
                for (var n = 0; statement.PartAt(n) is { } part; n++)
                    changed += Run(part);
                return changed;
            }
            finally
            {
                GiveBack();
            }
        }

        public override object? ExecuteScalar()
        {
            using var reader = ExecuteDbDataReader(CommandBehavior.Default);
            return reader.Read() ? reader.GetValue(0) : null;
        }

        protected override DbParameter CreateDbParameter() => new Parameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
            new Reader(this, Take(), behavior.HasFlag(CommandBehavior.CloseConnection) ? connection : null);

        /// <summary>Runs a statement whose answer nobody wants.</summary>
        public int Run(Part part)
        {
            var before = raw.sqlite3_total_changes(connection.Handle);
            Begin(part);
            part.Reset();
            // What SQLite counts is of the last statement that could change rows, which need not be this one.
            return raw.sqlite3_total_changes(connection.Handle) == before ? 0 : raw.sqlite3_changes(connection.Handle);
        }

        /// <returns>Whether there is a row.</returns>
        public bool Begin(Part part)
        {
            part.Bind(connection, _parameters.All);
            return Step(part);
        }

        public bool Step(Part part)
        {
            var answer = raw.sqlite3_step(part.Handle);
            if (answer == raw.SQLITE_ROW)
                return true;
            if (answer == raw.SQLITE_DONE)
                return false;
            // Before the reset, which forgets what was wrong.
            try
            {
                SqliteException.ThrowExceptionForRC(answer, connection.Handle);
            }
            finally
            {
                part.Reset();
            }
            return false;
        }

        Statement Take()
        {
            if (_statement is not null)
                throw new InvalidOperationException("The answer of this command is still being read.");
            return _statement = connection.Take(CommandText);
        }

        public void GiveBack()
        {
            if (_statement is not null)
                connection.GiveBack(_statement);
            _statement = null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                GiveBack();
            base.Dispose(disposing);
        }
    }

    sqlite3 Handle => inner.Handle!;

    sealed class Parameter : DbParameter
    {
        public override DbType DbType { get; set; } = DbType.Object;
        public override ParameterDirection Direction { get; set; } = ParameterDirection.Input;
        public override bool IsNullable { get; set; }

        [AllowNull]
        public override string ParameterName { get; set; } = "";
        public override int Size { get; set; }

        [AllowNull]
        public override string SourceColumn { get; set; } = "";
        public override bool SourceColumnNullMapping { get; set; }
        public override object? Value { get; set; }

        public override void ResetDbType() => DbType = DbType.Object;
    }

    sealed class Parameters : DbParameterCollection
    {
        public List<Parameter> All { get; } = [];

        public override int Count => All.Count;
        public override object SyncRoot => All;

        public override int Add(object value)
        {
            All.Add((Parameter)value);
            return All.Count - 1;
        }

        public override void AddRange(Array values)
        {
            foreach (var value in values)
                Add(value);
        }

        public override void Clear() => All.Clear();

        public override bool Contains(object value) => All.Contains((Parameter)value);

        public override bool Contains(string value) => IndexOf(value) >= 0;

        public override void CopyTo(Array array, int index) => ((ICollection)All).CopyTo(array, index);

        public override IEnumerator GetEnumerator() => All.GetEnumerator();

        public override int IndexOf(object value) => All.IndexOf((Parameter)value);

        public override int IndexOf(string parameterName) =>
            All.FindIndex(parameter => parameter.ParameterName == parameterName);

        public override void Insert(int index, object value) => All.Insert(index, (Parameter)value);

        public override void Remove(object value) => All.Remove((Parameter)value);

        public override void RemoveAt(int index) => All.RemoveAt(index);

        public override void RemoveAt(string parameterName) => All.RemoveAt(Known(parameterName));

        protected override DbParameter GetParameter(int index) => All[index];

        protected override DbParameter GetParameter(string parameterName) => All[Known(parameterName)];

        protected override void SetParameter(int index, DbParameter value) => All[index] = (Parameter)value;

        protected override void SetParameter(string parameterName, DbParameter value) =>
            All[Known(parameterName)] = (Parameter)value;

        int Known(string parameterName) =>
            IndexOf(parameterName) is >= 0 and var index
                ? index
                : throw new ArgumentOutOfRangeException(
                    nameof(parameterName),
                    parameterName,
                    "There is no such parameter."
                );
    }
}
