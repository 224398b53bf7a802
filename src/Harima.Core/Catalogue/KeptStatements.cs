using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Harima.Catalogue;

/// <summary>
/// The writer's connection to SQLite with its statements kept ready: the driver parses a text again at every use, which is most of
/// what a small change costs. The texts are those of our own source, so there are only so many.
/// </summary>
sealed class KeptStatements(SqliteConnection inner) : DbConnection
{
    readonly Dictionary<string, SqliteCommand> _ready = new(StringComparer.Ordinal);

    [AllowNull]
    public override string ConnectionString
    {
        get => inner.ConnectionString;
        set => inner.ConnectionString = value;
    }

    public override string Database => inner.Database;
    public override string DataSource => inner.DataSource;
    public override string ServerVersion => inner.ServerVersion;
    public override ConnectionState State => inner.State;

    public override void ChangeDatabase(string databaseName) => inner.ChangeDatabase(databaseName);

    public override void Open() => inner.Open();

    public override void Close()
    {
        foreach (var command in _ready.Values)
            command.Dispose();
        _ready.Clear();
        inner.Close();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        new Transaction(this, inner.BeginTransaction());

    protected override DbCommand CreateDbCommand() => new Command(this, inner.CreateCommand());

    /// <summary>Takes the ready statement of a text out of the store, so that nobody else uses it meanwhile.</summary>
    SqliteCommand Take(string text)
    {
        if (_ready.Remove(text, out var command))
            return command;
        command = inner.CreateCommand();
        command.CommandText = text;
        return command;
    }

    void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (!_ready.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    void Execute(string text, SqliteTransaction transaction)
    {
        var command = Take(text);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
        GiveBack(command);
    }

    sealed class Transaction(KeptStatements connection, SqliteTransaction inner) : DbTransaction
    {
        public SqliteTransaction Inner => inner;

        protected override DbConnection DbConnection => connection;
        public override IsolationLevel IsolationLevel => inner.IsolationLevel;
        public override bool SupportsSavepoints => true;

        public override void Commit() => inner.Commit();

        public override void Rollback() => inner.Rollback();

        public override void Save(string savepointName) => connection.Execute($"SAVEPOINT {savepointName}", inner);

        public override void Rollback(string savepointName) =>
            connection.Execute($"ROLLBACK TO SAVEPOINT {savepointName}", inner);

        public override void Release(string savepointName) =>
            connection.Execute($"RELEASE SAVEPOINT {savepointName}", inner);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Collects text and parameters; the statement that is kept for the text then runs with them.</summary>
    /// <param name="parameters">A command that is never run: it makes and holds the parameters.</param>
    sealed class Command(KeptStatements connection, SqliteCommand parameters) : DbCommand
    {
        Transaction? _transaction;
        SqliteCommand? _statement;

        [AllowNull]
        public override string CommandText { get; set; } = "";
        public override int CommandTimeout { get; set; } = 30;
        public override CommandType CommandType { get; set; } = CommandType.Text;
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection
        {
            get => connection;
            set => throw new NotSupportedException();
        }
        protected override DbParameterCollection DbParameterCollection => parameters.Parameters;
        protected override DbTransaction? DbTransaction
        {
            get => _transaction;
            set => _transaction = (Transaction?)value;
        }

        public override void Cancel() => _statement?.Cancel();

        public override void Prepare() { }

        public override int ExecuteNonQuery() => Ready().ExecuteNonQuery();

        public override object? ExecuteScalar() => Ready().ExecuteScalar();

        protected override DbParameter CreateDbParameter() => parameters.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Ready().ExecuteReader();

        SqliteCommand Ready()
        {
            if (_statement is not null && _statement.CommandText != CommandText)
                GiveBack();
            _statement ??= connection.Take(CommandText);
            _statement.Transaction = _transaction?.Inner;
            _statement.CommandTimeout = CommandTimeout;
            _statement.Parameters.Clear();
            foreach (SqliteParameter parameter in (IEnumerable)parameters.Parameters)
                _statement.Parameters.Add(parameter);
            return _statement;
        }

        void GiveBack()
        {
            connection.GiveBack(_statement!);
            _statement = null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                if (_statement is not null)
                    GiveBack();
                parameters.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
