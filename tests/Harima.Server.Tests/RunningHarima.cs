using System.Text;
using Harima.Access;
using Harima.Hosting;
using Harima.Identity;
using Harima.Proposals;
using Harima.S3.Client;
using Harima.S3.Signing;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(Harima.SqliteHarima))]
[assembly: AssemblyFixture(typeof(Harima.PostgresHarima))]

namespace Harima;

/// <summary>
/// The real process on real sockets, started as <c>Program.cs</c> starts it: proposal 2026A2000 with a leader and a member,
/// beamline staff, an administrator, a stranger, a workspace of the leader's, and S3 keys for all of them.
/// </summary>
public abstract class RunningHarima : IAsyncLifetime
{
    public const string Proposal = "2026A2000";
    public const string Bucket = "2026a2000";

    /// <summary>A second proposal of the leader's, of which no test shares anything.</summary>
    public const string PrivateProposal = "2026A2001";
    public const string PrivateBucket = "2026a2001";
    public const string Workspace = "leaders-bench";

    readonly string _folder = Directory.CreateTempSubdirectory("harima-server-").FullName;

    /// <summary>The facility's own storage, from which files may be registered. Nobody reads it for checksums here.</summary>
    public string Storage { get; } = Directory.CreateTempSubdirectory("harima-storage-").FullName;

    IReadOnlyDictionary<string, Credentials> _keys = new Dictionary<string, Credentials>();
    WebApplication? _app;

    public static IReadOnlyList<string> Users { get; } = ["admin", "staff", "leader", "member", "stranger"];

    /// <summary>A domain under which a bucket may be named by the host.</summary>
    public const string S3Domain = "s3.harima.test";

    /// <summary>Further settings, as on the command line.</summary>
    protected virtual IEnumerable<string> Settings => [];

    /// <summary>Before anything runs.</summary>
    protected virtual void Prepare(IServiceProvider services) { }

    /// <summary>Why this database cannot be tested here, or null.</summary>
    public virtual string? Missing => null;

    public Uri S3 { get; private set; } = null!;
    public Uri Portal { get; private set; } = null!;

    public HttpClient Http { get; } =
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                // As long as it takes: only a server that hangs needs so long, on the slowest machine.
                Expect100ContinueTimeout = TimeSpan.FromMinutes(5),
                // One char, one byte: what clients other than .NET put into headers can be written here.
                RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
                ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            }
        )
        {
            Timeout = TimeSpan.FromMinutes(5),
        };

    protected abstract Task<string> CreateDatabaseAsync();

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public Credentials KeyOf(string user) => _keys[user];

    public S3Client ClientOf(string user) => new(Http, S3, "us-east-1", KeyOf(user), TimeProvider.System);

    public static Principal PrincipalOf(string user) => new(user, "test");

    public virtual async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        _app = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            _folder,
            "--database",
            await CreateDatabaseAsync(),
            "--Logging:LogLevel:Default",
            "Warning",
            "--Harima:Server:S3Domains",
            S3Domain,
            "--Harima:Registration:Roots:0",
            Storage,
            // All tests of a level are the same few people.
            "--Harima:Workspaces:MostPerPerson",
            "100000",
            "--Harima:Registration:SumBytesPerSecond",
            "0",
            .. Settings,
        ]);
        Prepare(_app.Services);
        await _app.StartHarimaAsync(CancellationToken.None);
        var surfaces = Get<Surfaces>();
        S3 = new Uri($"http://127.0.0.1:{surfaces.S3Port}");
        Portal = new Uri($"http://127.0.0.1:{surfaces.PortalPort}");
        _keys = await FillAsync(_app.Services, CancellationToken.None);
    }

    /// <summary>Changes one bit of a stored file of the proposal, as a medium does that loses it.</summary>
    public virtual async Task RotAsync(string key, int at)
    {
        var path = Path.Combine(Get<PosixStore>().Root, Proposal, key);
        var time = File.GetLastWriteTimeUtc(path);
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.Position = at;
            var before = file.ReadByte();
            file.Position = at;
            file.WriteByte((byte)(before ^ 4));
        }
        File.SetLastWriteTimeUtc(path, time);
    }

    /// <summary>Whether files lie as plain files in a tree.</summary>
    public bool HasTree => Get<ByteStore>() is PosixStore;

    /// <summary>Makes a sequence readable for one more person.</summary>
    public Task ShareAsync(string sequence, string user, Right right) =>
        Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(Proposal, sequence, user, right),
                PrincipalOf("leader"),
                CancellationToken.None
            );

    /// <summary>Makes people, proposals and a workspace in an empty facility.</summary>
    /// <returns>An S3 key for each person.</returns>
    public static async Task<IReadOnlyDictionary<string, Credentials>> FillAsync(
        IServiceProvider services,
        CancellationToken cancellationToken
    )
    {
        var keys = new Dictionary<string, Credentials>();
        foreach (var user in Users)
            await services
                .GetRequiredService<Users>()
                .CreateAsync(user, user, $"{user}@example.jp", "correct horse " + user, cancellationToken);
        await services.GetRequiredService<Administrators>().AppointAsync("admin", Principal.System, cancellationToken);
        var admin = PrincipalOf("admin");
        await services
            .GetRequiredService<CreateBeamline>()
            .HandleAsync(new("BL14B2", "XAFS", "XAFS", ["staff"]), admin, cancellationToken);
        foreach (var proposal in new[] { Proposal, PrivateProposal })
        {
            await services
                .GetRequiredService<CreateProposal>()
                .HandleAsync(
                    new CreateProposalRequest(
                        proposal,
                        "Oxidation state of catalysts",
                        "触媒の酸化状態",
                        "BL14B2",
                        new DateOnly(2026, 4, 1),
                        new DateOnly(2026, 9, 30),
                        "leader",
                        ["member"]
                    ),
                    admin,
                    cancellationToken
                );
        }
        await services
            .GetRequiredService<CreateWorkspace>()
            .HandleAsync(new CreateWorkspaceRequest(Workspace, "Bench"), PrincipalOf("leader"), cancellationToken);
        foreach (var user in Users)
        {
            var made = await services
                .GetRequiredService<AccessKeys>()
                .CreateAsync(PrincipalOf(user), "test", cancellationToken);
            keys[user] = new Credentials(made.Key.Id, made.SecretKey);
        }
        return keys;
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(Storage, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteHarima : RunningHarima
{
    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public class PostgresHarima : RunningHarima
{
    static readonly string? Server = Environment.GetEnvironmentVariable("HARIMA_TEST_POSTGRES");
    readonly string _name = "harima_" + Guid.NewGuid().ToString("N");

    public override string? Missing =>
        Server is not null ? null
        : Environment.GetEnvironmentVariable("CI") == "true"
            ? throw new InvalidOperationException("HARIMA_TEST_POSTGRES is not set, and CI tests both databases.")
        : "HARIMA_TEST_POSTGRES names no PostgreSQL server";

    protected override async Task<string> CreateDatabaseAsync()
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

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
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
