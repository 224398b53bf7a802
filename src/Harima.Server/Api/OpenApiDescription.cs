using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Harima.Api;

/// <summary>What the generated description says beyond the routes themselves.</summary>
static class OpenApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(
            (document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Harima",
                    Version = "v1",
                    Description =
                        "Open data platform for synchrotron facilities. Send a token as `Authorization: Bearer …`; what you may not read answers 404. "
                        + "Lists are paged by cursor: give `next` back as `cursor` (files: as `after`). Refusals are `application/problem+json` "
                        + "with a stable `reason`.",
                };
                // The same text wherever the server runs, so that it can be checked in.
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["token"] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = "bearer",
                        Description = "A token of `POST /api/v1/login` or of the portal's page Keys.",
                    },
                };
                document.Security =
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] },
                    new OpenApiSecurityRequirement(),
                ];
                return Task.CompletedTask;
            }
        );
    }
}
