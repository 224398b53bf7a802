using System.CommandLine;
using Harima.Cli.Identity;
using Harima.Rest;
using Harima.S3.Client;
using Harima.S3.Signing;

namespace Harima.Cli;

/// <summary>Which facility, as whom: from the environment, or from the last login on this computer.</summary>
sealed class Session : IDisposable
{
    // Transfers set their own limits; a control request that takes minutes will not come back.
    readonly HttpClient _rest = new() { Timeout = TimeSpan.FromMinutes(2) };
    readonly HttpClient _bytes = new(
        new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(5), MaxConnectionsPerServer = 64 }
    )
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    Session(string url, string? token)
    {
        Url = url;
        Token = token;
        Rest = new HarimaClient(_rest, AddressOf(url), token);
    }

    public string Url { get; }
    public string? Token { get; }
    public HarimaClient Rest { get; }

    /// <param name="server">The portal that was named on the command line, or null.</param>
    public static Session Open(string? server)
    {
        var saved = SavedLogin.Find();
        var url =
            server ?? (Environment.GetEnvironmentVariable("HARIMA_URL") is { Length: > 0 } given ? given : saved?.Url);
        if (url is null)
            throw new NotLoggedInException("Log in first: harima login https://<address of the portal>");
        var token =
            Environment.GetEnvironmentVariable("HARIMA_TOKEN") is { Length: > 0 } set ? set
            // A token is for the server it came from and no other.
            : saved is not null && AddressOf(saved.Url) == AddressOf(url) ? saved.Token
            : null;
        return new Session(url, token);
    }

    public static Session For(string url, string? token) => new(url, token);

    /// <summary>S3 with short-lived credentials, renewed before they end.</summary>
    public S3Access S3(string bucket, string prefix, bool write) =>
        Token is null
            ? throw new NotLoggedInException($"Log in first: harima login {Url}")
            : new S3Access(Rest, _bytes, bucket, prefix, write);

    public void Dispose()
    {
        _rest.Dispose();
        _bytes.Dispose();
    }

    static Uri AddressOf(string url) =>
        Uri.TryCreate(
            url.Contains("://", StringComparison.Ordinal) ? url : "https://" + url,
            UriKind.Absolute,
            out var address
        ) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"'{url}' is no address of a portal, such as https://data.example.jp.");
}

/// <summary>S3 requests of one command.</summary>
sealed class S3Access(HarimaClient rest, HttpClient http, string bucket, string prefix, bool write)
{
    static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(10);
    const int LongestSeconds = 12 * 60 * 60;

    readonly Lock _gate = new();
    Task<S3Client>? _current;
    DateTimeOffset _renewAt;

    public string Bucket => bucket;

    public Task<S3Client> ClientAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_current is null or { IsFaulted: true } or { IsCanceled: true } || IsEnding())
            {
                _renewAt = DateTimeOffset.MaxValue;
                _current = AskAsync(cancellationToken);
            }
            return _current;
        }
    }

    bool IsEnding() => TimeProvider.System.GetUtcNow() > _renewAt;

    async Task<S3Client> AskAsync(CancellationToken cancellationToken)
    {
        var made = await rest.CreateSessionCredentialsAsync(
            new SessionCredentialsRequest(bucket, prefix, write, LongestSeconds),
            cancellationToken
        );
        _renewAt = made.ExpiresAt - RenewBefore;
        var credentials = new Credentials(made.AccessKey, made.SecretKey, made.SessionToken);
        return new S3Client(http, new Uri(made.Endpoint), made.Region, credentials, TimeProvider.System);
    }
}

static class SessionCommand
{
    /// <summary>Runs a command that talks to the server.</summary>
    public static void SetSessionAction(
        this Command command,
        Func<ParseResult, Session, CancellationToken, Task<int>> action
    ) =>
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var session = Session.Open(parsed.GetValue(Commands.Server));
                return await action(parsed, session, cancellationToken);
            }
        );
}
