using Harima.Catalogue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harima.Demo;

/// <summary>A facility as it is the day it is installed: real storage, a real catalogue, nobody and nothing in it.</summary>
public class EmptyFacility : IAsyncLifetime
{
    ServiceProvider? _services;
    string _database = "";

    /// <summary>Why this database cannot be tested here, or null.</summary>
    public virtual string? Missing => null;

    public string Folder { get; } = Directory.CreateTempSubdirectory("harima-demo-").FullName;

    internal static DemoAddress Address { get; } = new("http://localhost:8080", "http://localhost:9000", "us-east-1");

    public T Get<T>()
        where T : notnull => (_services ?? throw new InvalidOperationException("not started")).GetRequiredService<T>();

    protected virtual Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public virtual async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        _database = await CreateDatabaseAsync();
        await StartAsync();
    }

    /// <summary>Starts Core on the same folder and database, as after a stop.</summary>
    public async Task StartAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var settings = new Dictionary<string, string?>
        {
            [$"{DataOptions.Section}:Directory"] = Folder,
            [$"{CatalogueOptions.Section}:Database"] = _database,
        };
        services.AddHarimaCore(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        _services = services.BuildServiceProvider(validateScopes: true);
        await Get<Startup>().PrepareAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
        _services = null;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class EmptyPostgresFacility : EmptyFacility
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

/// <summary>The demo facility, filled once for all tests of a class.</summary>
public sealed class FilledFacility : EmptyFacility
{
    internal DemoCredentials Credentials { get; private set; } = null!;

    internal List<string> Progress { get; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var credentials = await Get<FillDemoFacility>().HandleAsync(Address, Report, CancellationToken.None);
        Credentials = credentials ?? throw new InvalidOperationException("An empty facility was not filled.");
    }

    void Report(string line)
    {
        lock (Progress)
            Progress.Add(line);
    }
}

[CollectionDefinition(nameof(FilledFacility))]
public sealed class FilledFacilityCollection : ICollectionFixture<FilledFacility>;
