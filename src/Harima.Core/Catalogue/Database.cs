using System.Collections.Concurrent;
using System.Data.Common;
using Harima.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Harima.Catalogue;

/// <summary>Opens connections to the catalogue. Reads use <see cref="OpenAsync"/>; every change goes through <see cref="CatalogueWriter"/>.</summary>
public sealed class Database : IAsyncDisposable
{
    readonly NpgsqlDataSource? _postgres;
    readonly string? _sqlite;
    readonly string? _sqliteToWrite;
    readonly string _lockFile = "";
    readonly List<Action> _whenDisposed = [];
    readonly ConcurrentDictionary<string, ChangedRows> _watched = new(StringComparer.Ordinal);
    FileStream? _lock;

    public Database(IOptions<CatalogueOptions> options, IOptions<DataOptions> data)
    {
        DapperSetup.Once();
        var database = options.Value.Database;
        if (string.Equals(database, "sqlite", StringComparison.OrdinalIgnoreCase))
        {
            Dialect = Dialect.Sqlite;
            var file = options.Value.SqliteFile ?? Path.Combine(data.Value.Directory, "catalogue.db");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            _lockFile = file + ".lock";
            var connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 };
            _sqliteToWrite = new SqliteConnectionStringBuilder(connection.ToString())
            {
                ForeignKeys = true,
                Pooling = false,
            }.ToString();
            // Nobody writes past the catalogue writer: it knows when access has changed.
            connection.Mode = SqliteOpenMode.ReadOnly;
            _sqlite = connection.ToString();
        }
        else
        {
            Dialect = Dialect.Postgres;
            var settings = new NpgsqlConnectionStringBuilder(database);
            // What is asked again and again is parsed and planned once per connection.
            if (!settings.ContainsKey("Max Auto Prepare") || settings.MaxAutoPrepare == 0)
                settings.MaxAutoPrepare = 100;
            _postgres = NpgsqlDataSource.Create(settings);
        }
    }

    public Dialect Dialect { get; }

    /// <summary>A connection for reading; dispose it to give it back to the pool.</summary>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
            return await _postgres.OpenConnectionAsync(cancellationToken);
        var connection = new SqliteConnection(_sqlite);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>For those who keep rows of a table; null where another process may change them.</summary>
    internal ChangedRows? Watch(string table) =>
        Dialect == Dialect.Sqlite ? _watched.GetOrAdd(table, _ => new ChangedRows()) : null;

    /// <summary>The writer's transaction is over, committed or not; nobody has been told yet.</summary>
    internal void SettleWatched()
    {
        foreach (var (_, rows) in _watched)
            rows.Settle();
    }

    /// <summary>For those who keep connections of their own.</summary>
    internal void WhenDisposed(Action close)
    {
        lock (_whenDisposed)
            _whenDisposed.Add(close);
    }

    /// <summary>The writer's own connection: durable commits, one at a time.</summary>
    internal DbConnection OpenForWriting()
    {
        if (_postgres is not null)
            return _postgres.OpenConnection();
        LockOut();
        var connection = new SqliteConnection(_sqliteToWrite);
        connection.Open();
        using var pragma = connection.CreateCommand();
        // What a statement or a savepoint may have to undo is small: in memory, not in files made for each.
        // FULL: in WAL mode only FULL syncs the log at each commit, so that an answered write survives power loss.
        pragma.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;";
        pragma.ExecuteNonQuery();
        ChangedRows.Watch(connection, _watched);
        return new KeptStatements(connection);
    }

    /// <summary>
    /// One process per SQLite file, which what is remembered about access rests on (see <see cref="AccessGeneration"/>).
    /// The lock goes with the process, however it ends.
    /// </summary>
    void LockOut()
    {
        try
        {
            _lock ??= new FileStream(_lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw Fault.Conflict(
                "catalogue-in-use",
                $"Another Harima is running on '{_lockFile[..^".lock".Length]}' ({fault.Message}). Stop it, or use PostgreSQL for several.",
                ("file", _lockFile)
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var close in _whenDisposed)
            close();
        if (_lock is not null)
            await _lock.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        else
        {
            using var connection = new SqliteConnection(_sqlite);
            SqliteConnection.ClearPool(connection);
        }
    }
}
