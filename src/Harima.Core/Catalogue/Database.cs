using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Harima.Catalogue;

/// <summary>Opens connections to the catalogue. Reads use <see cref="OpenAsync"/>; every change goes through <see cref="CatalogueWriter"/>.</summary>
public sealed class Database : IAsyncDisposable
{
    readonly NpgsqlDataSource? _postgres;
    readonly string? _sqlite;

    public Database(IOptions<CatalogueOptions> options, IOptions<DataOptions> data)
    {
        DapperSetup.Once();
        var database = options.Value.Database;
        if (string.Equals(database, "sqlite", StringComparison.OrdinalIgnoreCase))
        {
            Dialect = Dialect.Sqlite;
            var file = options.Value.SqliteFile ?? Path.Combine(data.Value.Directory, "catalogue.db");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            _sqlite = new SqliteConnectionStringBuilder
            {
                DataSource = file,
                ForeignKeys = true,
                DefaultTimeout = 30,
            }.ToString();
        }
        else
        {
            Dialect = Dialect.Postgres;
            _postgres = NpgsqlDataSource.Create(database);
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

    /// <summary>The writer's own connection: durable commits, one at a time.</summary>
    internal DbConnection OpenForWriting()
    {
        if (_postgres is not null)
            return _postgres.OpenConnection();
        var connection = new SqliteConnection(_sqlite);
        connection.Open();
        using var pragma = connection.CreateCommand();
        // FULL: in WAL mode only FULL syncs the log at each commit, so that an answered write survives power loss.
        pragma.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000; PRAGMA wal_autocheckpoint=4000;";
        pragma.ExecuteNonQuery();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        else
        {
            using var connection = new SqliteConnection(_sqlite);
            SqliteConnection.ClearPool(connection);
        }
    }
}
