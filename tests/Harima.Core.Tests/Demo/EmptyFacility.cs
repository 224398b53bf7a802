using Harima.Catalogue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harima.Demo;

/// <summary>A facility as it is the day it is installed: real storage, a real catalogue, nobody and nothing in it.</summary>
public class EmptyFacility : IAsyncLifetime
{
    ServiceProvider? _services;

    public string Folder { get; } = Directory.CreateTempSubdirectory("harima-demo-").FullName;

    internal static DemoAddress Address { get; } = new("http://localhost:8080", "http://localhost:9000", "us-east-1");

    public T Get<T>()
        where T : notnull => (_services ?? throw new InvalidOperationException("not started")).GetRequiredService<T>();

    public virtual async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts Core on the same folder, as after a stop.</summary>
    public async Task StartAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var settings = new Dictionary<string, string?> { [$"{DataOptions.Section}:Directory"] = Folder };
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

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>The demo facility, filled once for all tests of a class.</summary>
public sealed class FilledFacility : EmptyFacility
{
    internal DemoCredentials Credentials { get; private set; } = null!;

    internal TimeSpan FilledWithin { get; private set; }

    internal List<string> Progress { get; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var started = TimeProvider.System.GetTimestamp();
        var credentials = await Get<FillDemoFacility>().HandleAsync(Address, Report, CancellationToken.None);
        FilledWithin = TimeProvider.System.GetElapsedTime(started);
        Credentials = credentials ?? throw new InvalidOperationException("An empty facility was not filled.");
    }

    void Report(string line)
    {
        lock (Progress)
            Progress.Add(line);
    }
}
