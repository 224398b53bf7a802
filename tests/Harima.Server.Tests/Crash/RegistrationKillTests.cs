using System.Globalization;
using Dapper;
using Harima.Hosting;
using Harima.Registration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Harima.Crash;

/// <summary>Kills the server with SIGKILL again and again while it registers a tree. In the end every file is catalogued once.</summary>
public sealed class RegistrationKillTests : IDisposable
{
    const int Files = 30_000;
    const int Kills = 4;

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-crash-").FullName;
    readonly string _storage = Directory.CreateTempSubdirectory("harima-storage-").FullName;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_storage, recursive: true);
    }

    [Fact]
    public async Task A_registration_that_is_killed_anywhere_ends_with_every_file_once()
    {
        var token = TestContext.Current.CancellationToken;
        for (var n = 0; n < Files; n++)
        {
            var folder = Path.Combine(_storage, "run", (n / 1000).ToString("00", CultureInfo.InvariantCulture));
            if (n % 1000 == 0)
                Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, n.ToString("00000", CultureInfo.InvariantCulture)),
                [(byte)n, (byte)(n >> 8)],
                token
            );
        }
        string[] settings =
        [
            "--Harima:Registration:Roots:0",
            _storage,
            "--Harima:Registration:SumBytesPerSecond",
            "100000000000",
        ];
        string id;
        await using (
            var app = HarimaHost.Build([
                "--port",
                "0",
                "--s3-port",
                "0",
                "--data",
                _folder,
                "--database",
                "sqlite",
                "--Logging:LogLevel:Default",
                "Warning",
                .. settings,
            ])
        )
        {
            await app.Services.GetRequiredService<Startup>().PrepareAsync(token);
            await RunningHarima.FillAsync(app.Services, token);
            // Asked for, and not begun: no worker runs in this process.
            id = (
                await app
                    .Services.GetRequiredService<RegisterFolder>()
                    .HandleAsync(
                        new RegisterRequest(Path.Combine(_storage, "run"), RunningHarima.Proposal, "S-killed"),
                        RunningHarima.PrincipalOf("admin"),
                        token
                    )
            ).Id;
        }
        using var server = new KilledServer(_folder, "sqlite", _http) { Settings = settings };
        long found = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await server.StartAsync(token);
            // Until some more is committed; after a kill the lease of the dead one has to end first.
            var before = found;
            while ((found = await FoundAsync(id, token)) == before && found < Files)
                await Task.Delay(5, token);
            server.Kill();
            found = await FoundAsync(id, token);
        }
        await server.StartAsync(token);
        while (
            await StateAsync(id, token) == "running"
            || await CountAsync("SELECT COUNT(*) FROM data_file WHERE crc32 = ''", token) > 0
        )
            await Task.Delay(100, token);
        server.Kill();

        Assert.Equal("done", await StateAsync(id, token));
        Assert.Equal(Files, await FoundAsync(id, token));
        Assert.Equal(Files, await CountAsync("SELECT COUNT(*) FROM data_file", token));
        Assert.Equal(Files, await CountAsync("SELECT COUNT(DISTINCT key) FROM data_file", token));
        Assert.Equal(Files, await CountAsync("SELECT file_count FROM sequence WHERE id = 'S-killed'", token));
        Assert.Equal(2 * Files, await CountAsync("SELECT size_bytes FROM sequence WHERE id = 'S-killed'", token));
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM audit_event WHERE action = 'files.registered'", token));
    }

    Task<long> FoundAsync(string id, CancellationToken token) =>
        CountAsync($"SELECT files_found FROM registration WHERE id = '{id}'", token);

    async Task<string> StateAsync(string id, CancellationToken token)
    {
        await using var connection = await OpenAsync(token);
        return (
            await connection.ExecuteScalarAsync<string>("SELECT state FROM registration WHERE id = @id", new { id })
        )!;
    }

    async Task<long> CountAsync(string sql, CancellationToken token)
    {
        await using var connection = await OpenAsync(token);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    async Task<SqliteConnection> OpenAsync(CancellationToken token)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(_folder, "catalogue.db"),
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        await connection.OpenAsync(token);
        return connection;
    }
}
