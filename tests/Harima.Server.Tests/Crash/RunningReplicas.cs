using Harima.Hosting;
using Harima.S3.Signing;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Harima.Crash;

/// <summary>
/// Several server processes over one PostgreSQL and one folder, and one more inside of the test: where somebody at the facility does what
/// the others must notice.
/// </summary>
sealed class RunningReplicas : IAsyncDisposable
{
    static readonly string? Server = Environment.GetEnvironmentVariable("HARIMA_TEST_POSTGRES");

    readonly string _name = "harima_" + Guid.NewGuid().ToString("N");
    readonly List<KilledServer> _servers = [];

    RunningReplicas() { }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(5) };

    public string Folder { get; } = Directory.CreateTempSubdirectory("harima-replicas-").FullName;

    public IReadOnlyList<KilledServer> Servers => _servers;

    public string Database { get; private set; } = "";

    public WebApplication Staff { get; private set; } = null!;

    public IReadOnlyDictionary<string, Credentials> Keys { get; private set; } = new Dictionary<string, Credentials>();

    /// <summary>Starts them; skips the test where there is no PostgreSQL, and fails it in CI.</summary>
    public static async Task<RunningReplicas> StartAsync(int count, CancellationToken cancellationToken)
    {
        if (Server is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("HARIMA_TEST_POSTGRES is not set, and CI tests replicas.");
        Assert.SkipWhen(Server is null, "HARIMA_TEST_POSTGRES names no PostgreSQL server");
        var replicas = new RunningReplicas();
        try
        {
            await replicas.BeginAsync(count, cancellationToken);
            return replicas;
        }
        catch
        {
            await replicas.DisposeAsync();
            throw;
        }
    }

    async Task BeginAsync(int count, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE DATABASE {_name} TEMPLATE template0 ENCODING 'UTF8'");
        Database = new NpgsqlConnectionStringBuilder(Server)
        {
            Database = _name,
            MaxPoolSize = 30,
            Timeout = 300,
            CommandTimeout = 600,
        }.ToString();
        Staff = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            Folder,
            "--database",
            Database,
            "--Logging:LogLevel:Default",
            "Warning",
        ]);
        await Staff.StartHarimaAsync(cancellationToken);
        Keys = await RunningHarima.FillAsync(Staff.Services, cancellationToken);
        for (var n = 0; n < count; n++)
            _servers.Add(new KilledServer(Folder, Database, Http));
        await Task.WhenAll(_servers.Select(server => server.StartAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            server.Dispose();
        if (Staff is not null)
        {
            await Staff.StopAsync(CancellationToken.None);
            await Staff.DisposeAsync();
        }
        Http.Dispose();
        Directory.Delete(Folder, recursive: true);
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Server);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
