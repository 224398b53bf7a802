using System.Reflection;
using Harima.Catalogue;
using Harima.Hosting;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Harima.Api.Facility;

static class FacilityApi
{
    static readonly string Version =
        typeof(FacilityApi)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "0";

    public static void MapFacility(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/facility", Get)
            .WithName("getFacility")
            .WithTags("Facility")
            .WithSummary("Whose data this is, where its S3 gateway listens, and how one may log in");

    static Ok<FacilityDto> Get(
        HttpContext context,
        Addresses addresses,
        IReadOnlyList<OidcOptions> providers,
        IOptions<FacilityOptions> facility
    ) =>
        TypedResults.Ok(
            new FacilityDto(
                facility.Value.Name,
                facility.Value.NameJa,
                Version,
                facility.Value.TimeZone,
                new S3Dto(addresses.S3Of(context), addresses.Region),
                [
                    .. providers.Select(provider => new LoginProviderDto(
                        provider.Name,
                        provider.DisplayName ?? provider.Name,
                        provider.DisplayNameJa,
                        addresses.PortalOf(context) + provider.LoginPath
                    )),
                ]
            )
        );
}
