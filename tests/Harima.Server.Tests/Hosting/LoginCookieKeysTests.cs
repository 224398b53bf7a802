using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harima.Hosting;

/// <summary>The keys of login cookies lie in the data folder, encrypted under the facility's master key.</summary>
public sealed class LoginCookieKeysTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-keys-").FullName;
    readonly List<string> _said = [];

    string KeyFolder => Path.Combine(_folder, "keys");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What a server on this folder does; its warnings are kept.</summary>
    async Task<string> ServerAsync(Func<IDataProtector, string> act, string logged = "Warning")
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
            logged,
        ]);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(new Listener(_said));
        return act(app.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test"));
    }

    [Fact]
    public async Task They_are_not_in_the_clear_and_a_restart_reads_them()
    {
        var cookie = await ServerAsync(server => server.Protect("who I am"));
        Assert.Equal("who I am", await ServerAsync(server => server.Unprotect(cookie)));
        var text = await File.ReadAllTextAsync(
            Directory.EnumerateFiles(KeyFolder, "key-*.xml").Single(),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("masterKeyEncrypted", text, StringComparison.Ordinal);
        // The framework's words for a key's own bytes.
        Assert.DoesNotContain(
            "<masterKey",
            text.Replace("<masterKeyEncrypted", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("unencrypted", text, StringComparison.Ordinal);
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Another_master_key_reads_none_of_them()
    {
        var cookie = await ServerAsync(server => server.Protect("who I am"));
        await File.WriteAllBytesAsync(
            Path.Combine(KeyFolder, "master.key"),
            RandomNumberGenerator.GetBytes(32),
            TestContext.Current.CancellationToken
        );
        await Assert.ThrowsAnyAsync<CryptographicException>(() =>
            ServerAsync(server => server.Unprotect(cookie), "None")
        );
        // People log in again; the server goes on with a new key.
        var next = await ServerAsync(server => server.Protect("again"), "None");
        Assert.Equal("again", await ServerAsync(server => server.Unprotect(next), "None"));
    }

    [Fact]
    public async Task Those_of_before_in_the_clear_are_still_read()
    {
        var services = new ServiceCollection();
        services
            .AddDataProtection()
            .SetApplicationName("harima")
            .PersistKeysToFileSystem(Directory.CreateDirectory(KeyFolder));
        await using var before = services.BuildServiceProvider();
        var cookie = before.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("who I am");
        Assert.Equal("who I am", await ServerAsync(server => server.Unprotect(cookie)));
    }

    sealed class Listener(List<string> said) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                said.Add(formatter(state, exception));
        }

        public void Dispose() { }
    }
}
