using Harima.Demo;
using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary>Whether an empty facility is filled with demo data at start. Section <c>Harima:Demo</c>.</summary>
public sealed class DemoOptions
{
    public const string Section = "Harima:Demo";

    /// <summary>True fills a facility that holds no proposal; any other is left alone.</summary>
    public bool Fill { get; set; }
}

/// <summary>The demo at start: fills before the doors open, and says who may log in once they are.</summary>
static class DemoStart
{
    /// <returns>Null where no demo was asked for, or the facility is not the demo's own.</returns>
    public static async Task<DemoCredentials?> FillDemoAsync(
        this WebApplication app,
        CancellationToken cancellationToken
    )
    {
        if (!app.Services.GetRequiredService<IOptions<DemoOptions>>().Value.Fill)
            return null;
        var server = app.Services.GetRequiredService<IOptions<ServerOptions>>().Value;
        var address = new DemoAddress(
            server.PortalUrl ?? UrlOf(server.Address, server.Port),
            server.S3Url ?? UrlOf(server.Address, server.S3Port),
            server.Region
        );
        var credentials = await app
            .Services.GetRequiredService<FillDemoFacility>()
            .HandleAsync(address, Console.WriteLine, cancellationToken);
        // Simulating frames took half a gigabyte that the server will never need again.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        return credentials;
    }

    public static void Print(DemoCredentials credentials, string directory)
    {
        Console.WriteLine(
            $"""

            Harima is ready.
              Portal and REST  {credentials.Portal}
              S3               {credentials.S3}  (region {credentials.Region}, path style)

              Log in as        password                 role
            {string.Join(
                '\n',
                credentials.Users.Select(user => $"  {user.Name, -16} {user.Password, -24} {user.Role}")
            )}

              Access keys for S3 stand in {Path.Combine(Path.GetFullPath(directory), DemoCredentials.FileName)}
              Ctrl-C stops the server; started again, it keeps everything.

            """
        );
    }

    static string UrlOf(string address, int port) =>
        $"http://{(address is "*" or "127.0.0.1" or "::1" or "0.0.0.0" ? "localhost" : address)}:{port}";
}
