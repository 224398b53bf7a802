using Harima.Access;
using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harima;

/// <summary>
/// A facility with real storage and a real database: proposal 2026A1000 of BL14B2 with a leader and a member, a beamline
/// scientist, an administrator, and a stranger.
/// </summary>
public abstract class TestFacility : IAsyncLifetime
{
    ServiceProvider? _services;

    public const string Proposal = "2026A1000";
    public const string Bucket = "2026a1000";

    public static Principal Leader { get; } = new("leader", "test");
    public static Principal Member { get; } = new("member", "test");
    public static Principal Staff { get; } = new("staff", "test");
    public static Principal Admin { get; } = new("admin", "test");
    public static Principal Stranger { get; } = new("stranger", "test");

    public string Folder { get; } = Directory.CreateTempSubdirectory("harima-core-").FullName;
    public string Files => Path.Combine(Folder, "files");

    /// <summary>The facility's own storage, from which files may be registered.</summary>
    public string Storage { get; } = Directory.CreateTempSubdirectory("harima-storage-").FullName;

    /// <summary>Why this database cannot be tested here, or null.</summary>
    public virtual string? Missing => null;

    protected abstract Task<string> CreateDatabaseAsync();

    public T Get<T>()
        where T : notnull => (_services ?? throw new InvalidOperationException("not started")).GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        Database = await CreateDatabaseAsync();
        await StartAsync();
        var token = CancellationToken.None;
        foreach (var id in new[] { "leader", "member", "staff", "admin", "stranger" })
            await Get<Users>().CreateAsync(id, $"{id} さん", $"{id}@example.jp", "correct horse " + id, token);
        await Get<Administrators>().AppointAsync("admin", Principal.System, token);
        await Get<CreateBeamline>().HandleAsync(new("BL14B2", "XAFS", "XAFS", ["staff"]), Admin, token);
        await AddProposalAsync(Proposal);
    }

    protected string Database { get; private set; } = "";

    /// <summary>The setting <c>Harima:Catalogue:Database</c> of this facility.</summary>
    public string DatabaseSetting => Database;

    public Task AddProposalAsync(string id) =>
        Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest(
                    id,
                    "Oxidation state of catalysts",
                    "触媒の酸化状態",
                    "BL14B2",
                    new DateOnly(2026, 4, 1),
                    new DateOnly(2026, 9, 30),
                    "leader",
                    ["member"]
                ),
                Admin,
                CancellationToken.None
            );

    /// <summary>Starts Core on the same folder and database, as after a stop.</summary>
    public async Task StartAsync() => _services = await StartReplicaAsync();

    /// <summary>One more Core on the same folder and database: on PostgreSQL, another replica.</summary>
    public async Task<ServiceProvider> StartReplicaAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddHarimaCore(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Harima:Data:Directory"] = Folder,
                        ["Harima:Catalogue:Database"] = Database,
                        ["Harima:Registration:Roots:0"] = Storage,
                        ["Harima:Registration:BeamlineRoots:0"] = $"BL14B2={Storage}/bl14b2",
                        ["Harima:Registration:SumBytesPerSecond"] = "10000000000",
                    }
                )
                .Build()
        );
        var built = services.BuildServiceProvider(validateScopes: true);
        await built.GetRequiredService<Startup>().PrepareAsync(CancellationToken.None);
        return built;
    }

    public async Task StopAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
        _services = null;
    }

    public async Task<DataFile> PutAsync(string key, byte[] bytes, Principal? who = null, string bucket = Bucket) =>
        await Get<AddFile>()
            .HandleAsync(
                new AddFileRequest(bucket, key),
                new MemoryStream(bytes),
                who ?? Leader,
                CancellationToken.None
            );

    public async Task<byte[]> ReadAsync(string key, Principal? who = null, string bucket = Bucket)
    {
        using var file = await Get<FileQueries>().OpenAsync(who ?? Leader, bucket, key, CancellationToken.None);
        await using var stream = file.ReadAll();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(Storage, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteFacility : TestFacility
{
    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public sealed class PostgresFacility : TestFacility
{
    readonly PostgresDatabase _database = new();

    public override string? Missing => PostgresDatabase.Missing;

    protected override Task<string> CreateDatabaseAsync() => _database.CreateAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DropAsync();
    }
}

/// <summary>The same tests on both databases: derive once for each.</summary>
public abstract class FacilityTests(TestFacility facility) : IAsyncLifetime
{
    static int _sequences;

    protected TestFacility Facility { get; } = facility;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A sequence id no other test uses: the facility is shared by the tests of a class.</summary>
    protected static string NewId() => FormattableString.Invariant($"S{Interlocked.Increment(ref _sequences):0000}");

    protected T Get<T>()
        where T : notnull => Facility.Get<T>();

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Facility.Missing is not null, Facility.Missing ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected static async Task<Faults.FaultException> RefusedAsync(Func<Task> act) =>
        await Assert.ThrowsAsync<Faults.FaultException>(act);
}
