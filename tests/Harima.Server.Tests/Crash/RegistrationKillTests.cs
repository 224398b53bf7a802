using System.Globalization;
using Dapper;
using Harima.Hosting;
using Harima.Registration;
using Harima.Sequences;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Harima.Crash;

/// <summary>
/// Kills the server with SIGKILL again and again while it registers a tree, or takes a registration back. In the end every file is
/// catalogued once, or none.
/// </summary>
public sealed class RegistrationKillTests : IDisposable
{
    const int Files = 30_000;

    const int Kills = 6;

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-crash-").FullName;
    readonly string _storage = Directory.CreateTempSubdirectory("harima-storage-").FullName;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_storage, recursive: true);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string[] Settings =>
        ["--Harima:Registration:Roots:0", _storage, "--Harima:Registration:SumBytesPerSecond", "100000000000"];

    [Fact]
    public async Task A_registration_that_is_killed_anywhere_ends_with_every_file_once()
    {
        await FillStorageAsync();
        string? id = null;
        await AskAsync(
            async app =>
                id = (
                    await app
                        .Services.GetRequiredService<RegisterFolder>()
                        .HandleAsync(
                            new RegisterRequest(Path.Combine(_storage, "run"), RunningHarima.Proposal, "S-killed"),
                            RunningHarima.PrincipalOf("admin"),
                            Token
                        )
                ).Id,
            isFirst: true
        );
        using var server = new KilledServer(_folder, "sqlite", _http) { Settings = Settings };
        long found = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await server.StartAsync(Token);
            // Until some more is committed.
            var before = found;
            await server.UntilAsync(async _ => (found = await FoundAsync(id!)) > before || found == Files, Token);
            server.Kill();
            found = await FoundAsync(id!);
        }
        await server.StartAsync(Token);
        await server.UntilAsync(
            async _ =>
                await StateAsync(id!) != "running"
                && await CountAsync("SELECT COUNT(*) FROM data_file WHERE crc32 = ''") == 0,
            Token
        );
        server.Kill();

        Assert.Equal("done", await StateAsync(id!));
        Assert.Equal(Files, await FoundAsync(id!));
        Assert.Equal(Files, await CountAsync("SELECT COUNT(*) FROM data_file"));
        Assert.Equal(Files, await CountAsync("SELECT COUNT(DISTINCT key) FROM data_file"));
        Assert.Equal(Files, await CountAsync("SELECT file_count FROM sequence WHERE id = 'S-killed'"));
        Assert.Equal(2 * Files, await CountAsync("SELECT size_bytes FROM sequence WHERE id = 'S-killed'"));
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM audit_event WHERE action = 'files.registered'"));
    }

    [Fact]
    public async Task Taking_a_registration_back_that_is_killed_anywhere_ends_with_nothing_of_it_and_the_storage_as_it_was()
    {
        await FillStorageAsync();
        var before = Storage();
        string? id = null;
        await AskAsync(
            async app =>
            {
                id = (
                    await app
                        .Services.GetRequiredService<RegisterFolder>()
                        .HandleAsync(
                            new RegisterRequest(Path.Combine(_storage, "run"), RunningHarima.Proposal, Level: 1),
                            RunningHarima.PrincipalOf("admin"),
                            Token
                        )
                ).Id;
                // What a person has opened stays, without the files of the storage.
                await app
                    .Services.GetRequiredService<OpenSequence>()
                    .HandleAsync(
                        new OpenSequenceRequest(RunningHarima.Proposal, "07"),
                        RunningHarima.PrincipalOf("leader"),
                        Token
                    );
            },
            isFirst: true
        );
        using var server = new KilledServer(_folder, "sqlite", _http) { Settings = Settings };
        await server.StartAsync(Token);
        await server.UntilAsync(async _ => await StateAsync(id!) != "running", Token);
        server.Kill();
        Assert.Equal("done", await StateAsync(id!));
        Assert.Equal(Files, await LeftAsync());
        await AskAsync(app =>
            app.Services.GetRequiredService<RemoveRegistration>()
                .HandleAsync(id!, RunningHarima.PrincipalOf("admin"), Token)
        );

        // A slow database, or a fast machine has taken back everything between two looks at it.
        await ChangeAsync("CREATE TRIGGER slow AFTER DELETE ON data_file BEGIN SELECT hex(zeroblob(200000)); END");
        var left = await LeftAsync();
        var cuts = 0;
        for (var kill = 0; kill < Kills && left > 0; kill++)
        {
            // It begins before it answers.
            server.Launch();
            var was = left;
            await server.UntilAsync(async _ => (left = await LeftAsync()) < was, Token);
            server.Kill();
            left = await LeftAsync();
            cuts += left > 0 ? 1 : 0;
            // Whatever was cut off: each sequence is as large as the files it has.
            Assert.Equal(
                0,
                await CountAsync(
                    """
                    SELECT COUNT(*) FROM sequence s WHERE
                        s.file_count <> (SELECT COUNT(*) FROM data_file f WHERE f.sequence_row = s.row)
                        OR s.size_bytes <> (SELECT COALESCE(SUM(f.size_bytes), 0) FROM data_file f WHERE f.sequence_row = s.row)
                    """
                )
            );
        }
        Assert.True(cuts > 0, "It was over before it could be killed.");
        await ChangeAsync("DROP TRIGGER slow");
        await server.StartAsync(Token);
        await server.UntilAsync(async _ => await CountAsync("SELECT COUNT(*) FROM registration") == 0, Token);
        server.Kill();

        Assert.Equal(0, await LeftAsync());
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM registration_sequence"));
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM registered_replaced"));
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM sequence"));
        Assert.Equal(0, await CountAsync("SELECT file_count + size_bytes FROM sequence WHERE id = '07'"));
        Assert.Equal(before, Storage());
    }

    async Task FillStorageAsync()
    {
        for (var n = 0; n < Files; n++)
        {
            var folder = Path.Combine(_storage, "run", (n / 1000).ToString("00", CultureInfo.InvariantCulture));
            if (n % 1000 == 0)
                Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, n.ToString("00000", CultureInfo.InvariantCulture)),
                [(byte)n, (byte)(n >> 8)],
                Token
            );
        }
    }

    List<(string, long, DateTime)> Storage() =>
        [
            .. new DirectoryInfo(_storage)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(file => (file.FullName, file.Length, file.LastWriteTimeUtc))
                .Order(),
        ];

    /// <summary>Asks for work that is not begun: no worker runs in this process.</summary>
    async Task AskAsync(Func<WebApplication, Task> ask, bool isFirst = false)
    {
        await using var app = HarimaHost.Build([
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
            .. Settings,
        ]);
        await app.Services.GetRequiredService<Startup>().PrepareAsync(Token);
        if (isFirst)
            await RunningHarima.FillAsync(app.Services, Token);
        await ask(app);
    }

    Task<long> LeftAsync() => CountAsync("SELECT COUNT(*) FROM data_file");

    Task<long> FoundAsync(string id) => CountAsync($"SELECT files_found FROM registration WHERE id = '{id}'");

    async Task<string> StateAsync(string id)
    {
        await using var connection = await OpenAsync();
        return (
            await connection.ExecuteScalarAsync<string>("SELECT state FROM registration WHERE id = @id", new { id })
        )!;
    }

    async Task<long> CountAsync(string sql)
    {
        await using var connection = await OpenAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    /// <summary>Behind the server's back, which does not run.</summary>
    async Task ChangeAsync(string sql)
    {
        await using var connection = await OpenAsync(SqliteOpenMode.ReadWrite);
        await connection.ExecuteAsync(sql);
    }

    async Task<SqliteConnection> OpenAsync(SqliteOpenMode mode = SqliteOpenMode.ReadOnly)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(_folder, "catalogue.db"),
                Mode = mode,
                Pooling = false,
            }.ToString()
        );
        await connection.OpenAsync(Token);
        return connection;
    }
}
