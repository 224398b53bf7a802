using Harima.Api;
using Harima.Catalogue;
using Harima.Gateway;
using Harima.Mail;
using Harima.Portal;
using Harima.SciCat;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary>Puts the process together; the tests start it the same way as <c>Program.cs</c>.</summary>
public static class HarimaHost
{
    /// <summary>Short names of the settings a person gives on the command line.</summary>
    static readonly Dictionary<string, string> Switches = new()
    {
        ["--address"] = "Harima:Server:Address",
        ["--port"] = "Harima:Server:Port",
        ["--s3-port"] = "Harima:Server:S3Port",
        ["--data"] = "Harima:Data:Directory",
        ["--database"] = "Harima:Catalogue:Database",
        ["--demo"] = "Harima:Demo:Fill",
    };

    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Configuration.AddCommandLine(args, Switches);
        // The least of all sources, so that a site can have them: lines and activities for each request, which cost a fifth of a
        // small answer and say less than the access log.
        builder.Configuration.Sources.Insert(
            0,
            new MemoryConfigurationSource
            {
                InitialData =
                [
                    new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
                    new("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None"),
                ],
            }
        );
        builder
            .Services.AddOptions<ServerOptions>()
            .Bind(builder.Configuration.GetSection(ServerOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.Configure<DemoOptions>(builder.Configuration.GetSection(DemoOptions.Section));
        builder
            .Services.AddOptions<GatewayOptions>()
            .Bind(builder.Configuration.GetSection(GatewayOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder
            .Services.AddOptions<MailOptions>()
            .PostConfigure<IOptions<ServerOptions>>((mail, server) => mail.PortalUrl ??= server.Value.PortalUrl);
        builder.Services.AddTrustedProxies();
        builder
            .Services.AddSingleton<Surfaces>()
            .AddSingleton<Addresses>()
            .AddHarimaCore(builder.Configuration)
            .AddGateway();
        builder.Services.AddHarimaAuthentication(builder.Configuration);
        builder.Services.AddApi();
        builder.AddPortal();
        // A request is answered on the thread that received it: each hand-over to another costs more than a small answer.
        builder.WebHost.UseKestrel().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<Microsoft.AspNetCore.Connections.IMemoryPoolFactory<byte>, ConnectionBuffers>();
        builder
            .Services.AddOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>()
            .Configure<Surfaces, IOptions<ServerOptions>, TimeProvider, ILogger<Certificate>>(
                (kestrel, surfaces, server, time, logger) =>
                    surfaces.Listen(
                        kestrel,
                        server.Value,
                        server.Value.CertificateFile is { } file
                            ? new Certificate(file, server.Value.CertificateKeyFile, time, logger)
                            : null
                    )
            );

        var app = builder.Build();
        app.UsePortal();
        app.UseApiFaults();
        app.UseSciCatFaults();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseApiGuards();
        app.UseSciCatGuards();
        app.UseAntiforgery();
        app.MapGet("/healthz", () => Results.Text("ok")).ExcludeFromDescription();
        app.MapOidcLogin();
        app.MapApi();
        app.MapSciCat();
        app.MapPortal();
        return app;
    }

    /// <summary>Prepares catalogue and storage, then takes requests. <c>/healthz</c> answers once this returns.</summary>
    public static async Task StartHarimaAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<Startup>().PrepareAsync(cancellationToken);
        var demo = await app.FillDemoAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        if (demo is not null)
            DemoStart.Print(demo, app.Services.GetRequiredService<IOptions<DataOptions>>().Value.Directory);
    }
}
