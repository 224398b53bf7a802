using Npgsql;

namespace Harima;

/// <summary>A database of its own on the PostgreSQL server that HARIMA_TEST_POSTGRES names.</summary>
sealed class PostgresDatabase
{
    static readonly string? Server = Environment.GetEnvironmentVariable("HARIMA_TEST_POSTGRES");
    readonly string _name = "harima_" + Guid.NewGuid().ToString("N");

    /// <summary>Why there is none here, or null. Where CI=true that is a failure.</summary>
    public static string? Missing =>
        Server is not null ? null
        : Environment.GetEnvironmentVariable("CI") == "true"
            ? throw new InvalidOperationException("HARIMA_TEST_POSTGRES is not set, and CI tests both databases.")
        : "HARIMA_TEST_POSTGRES names no PostgreSQL server";

    /// <returns>Its connection string.</returns>
    public async Task<string> CreateAsync()
    {
        await ExecuteAsync($"CREATE DATABASE {_name} TEMPLATE template0 ENCODING 'UTF8'");
        // Who waits for a connection or an answer waits as long as a busy machine takes.
        return new NpgsqlConnectionStringBuilder(Server)
        {
            Database = _name,
            MaxPoolSize = 20,
            Timeout = 300,
            CommandTimeout = 600,
        }.ToString();
    }

    public async Task DropAsync()
    {
        if (Missing is null)
            await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }
}
