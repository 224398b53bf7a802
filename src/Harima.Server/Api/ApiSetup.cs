using System.Text.Json.Serialization;
using Harima.Api.Archives;
using Harima.Api.Exchange;
using Harima.Api.Extraction;
using Harima.Api.Facility;
using Harima.Api.Identity;
using Harima.Api.Metadata;
using Harima.Api.Previews;
using Harima.Api.Proposals;
using Harima.Api.Registration;
using Harima.Api.Samples;
using Harima.Api.Search;
using Harima.Api.Sequences;
using Harima.Api.Storage;
using Harima.Api.Work;
using Harima.Api.Workspaces;
using Harima.Faults;
using Harima.Hosting;
using Harima.Rest;
using Scalar.AspNetCore;

namespace Harima.Api;

/// <summary>Wires the REST surface: everything under <c>/api/v1</c>, its description and its reference page.</summary>
static class ApiSetup
{
    public static void AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, HarimaJson.Default);
            // Otherwise the description says that every number may also be a string.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        // So that what cannot be bound is answered like every other refusal.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddSingleton<DownloadLog>();
        services.AddOpenApi("v1", OpenApiDescription.Configure);
    }

    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1");
        api.MapFacility();
        api.MapLogin();
        api.MapTokens();
        api.MapAccessKeys();
        api.MapSessionCredentials();
        api.MapPeople();
        api.MapBeamlines();
        api.MapProposals();
        api.MapSequences();
        api.MapFiles();
        api.MapAccess();
        api.MapUploadCredentials();
        api.MapMetadata();
        api.MapExtraction();
        api.MapExchange();
        api.MapPreviews();
        api.MapSamples();
        api.MapSearch();
        api.MapSavedSearches();
        api.MapColumnSets();
        api.MapSchemas();
        api.MapOpenSequences();
        api.MapBulk();
        api.MapLargeEdits();
        api.MapEditFound();
        api.MapAnnotations();
        api.MapWorkspaces();
        api.MapArchives();
        api.MapStorage();
        api.MapWork();
        api.MapRegistration();
        app.MapDownload();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference(
            "/api",
            scalar =>
                scalar.WithTitle("Harima REST API").WithOpenApiRoutePattern("/openapi/v1.json").DisableDefaultFonts()
        );
    }

    /// <summary>For routes that mean nothing to somebody who is not logged in.</summary>
    public static TBuilder RequireLogin<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(
            (context, next) => context.HttpContext.ToPrincipal().IsAnonymous ? throw Fault.LoginNeeded() : next(context)
        );
}
