using Harima.Faults;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Identity;

static class PeopleApi
{
    const int FewestCharacters = 2;
    const int MostPeople = 10;

    public static void MapPeople(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/people", FindAsync)
            .RequireLogin()
            .WithTags("People")
            .WithName("findPeople")
            .WithSummary("At most 10 people whose id, name or e-mail contains the text of at least 2 characters");

    public static PersonDto ToDto(User user) => new(user.Id, user.DisplayName, user.Email);

    static async Task<Ok<ItemsDto<PersonDto>>> FindAsync(string query, Users users, CancellationToken cancellationToken)
    {
        if (query.Trim().Length < FewestCharacters)
            throw Fault.Invalid("query-short", "Give at least 2 characters of a name, user id or e-mail address.");
        var found = await users.SearchAsync(query, MostPeople, cancellationToken);
        return TypedResults.Ok(new ItemsDto<PersonDto>([.. found.Select(ToDto)]));
    }
}
