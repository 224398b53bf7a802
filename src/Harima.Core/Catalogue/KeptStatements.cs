using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Harima.Catalogue;

/// <summary>
/// The writer's connection to SQLite with its statements kept ready and their values bound by place. The driver parses a text again
/// at every use and looks each of its parameters up among all: for a row of twenty columns that costs five times what SQLite
/// itself needs to store it, on the one thread that everybody waits for.
/// </summary>
/// <remarks>Values and refusals are those of the driver (Microsoft.Data.Sqlite). Of one thread at a time, as every connection.</remarks>
sealed partial class KeptStatements(SqliteConnection inner) : DbConnection
{
    // The texts are those of our own source; but lists of values (IN) make one for each length.
    const int MostKept = 500;

    readonly Dictionary<string, Statement> _ready = new(StringComparer.Ordinal);

    // What a text is in UTF-8, while it is handed over.
    byte[] _scratch = new byte[4096];

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
        foreach (var statement in _ready.Values)
            statement.Dispose();
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

    protected override DbCommand CreateDbCommand() => new Command(this);

    /// <summary>Takes the ready statement of a text out of the store, so that nobody else uses it meanwhile.</summary>
    Statement Take(string text) =>
        _ready.Remove(text, out var statement) ? statement : new Statement(inner.Handle!, text);

    void GiveBack(Statement statement)
    {
        statement.Reset();
        if (_ready.Count >= MostKept || !_ready.TryAdd(statement.Text, statement))
            statement.Dispose();
    }

    void Execute(string text)
    {
        using var command = new Command(this) { CommandText = text };
        command.ExecuteNonQuery();
    }

    sealed class Transaction(KeptStatements connection, SqliteTransaction inner) : DbTransaction
    {
        protected override DbConnection DbConnection => connection;
        public override IsolationLevel IsolationLevel => inner.IsolationLevel;
        public override bool SupportsSavepoints => true;

        public override void Commit() => inner.Commit();

        public override void Rollback() => inner.Rollback();

        public override void Save(string savepointName) => connection.Execute($"SAVEPOINT {savepointName}");

        public override void Rollback(string savepointName) =>
            connection.Execute($"ROLLBACK TO SAVEPOINT {savepointName}");

        public override void Release(string savepointName) => connection.Execute($"RELEASE SAVEPOINT {savepointName}");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
