using System.Text.Json.Nodes;

namespace Harima.SciCat;

public sealed class UsersOnSqlite(SqliteHarima harima) : UsersTests(harima);

public sealed class UsersOnPostgres(PostgresHarima harima) : UsersTests(harima);

/// <summary>How a client logs in, and what it learns of itself.</summary>
public abstract class UsersTests(RunningHarima harima) : SciCatTests(harima)
{
    [Fact]
    public async Task Every_way_to_log_in_gives_a_token_that_works_until_log_out()
    {
        foreach (
            var path in (string[])
                ["/v3/auth/login", "/auth/login", "/v4/auth/login", "/v3/Users/login", "/v3/auth/Login?include=user"]
        )
        {
            var login = await OkAsync(
                Anonymous,
                "POST",
                path,
                new JsonObject { ["username"] = "member", ["password"] = "correct horse member" },
                201
            );
            var token = login["access_token"]!.ToString();
            Assert.Equal(token, login["id"]!.ToString());
            Assert.Equal("member", login["userId"]!.ToString());
            Assert.Equal("member@example.jp", login["user"]!["email"]!.ToString());
            Assert.True(login["expires_in"]!.GetValue<int>() > 600);
            var self = await OkAsync(Anonymous, "GET", "/v3/users/my/self?access_token=" + token);
            Assert.Equal("member", self["username"]!.ToString());
            Assert.Equal(201, (await CallAsync(Anonymous, "POST", "/v3/auth/logout?access_token=" + token)).Status);
            await RefusedAsync(401, Anonymous, "GET", "/v3/users/my/self?access_token=" + token);
        }
        var wrong = new JsonObject { ["username"] = "member", ["password"] = "wrong" };
        await RefusedAsync(401, Anonymous, "POST", "/v3/auth/login", wrong);
        await RefusedAsync(401, Anonymous, "POST", "/v3/auth/login", new JsonObject { ["username"] = 5 });
        await RefusedAsync(403, Anonymous, "GET", "/v3/users/my/self");
    }

    [Fact]
    public async Task Somebody_learns_their_groups_and_nothing_of_others()
    {
        var mine = await OkAsync("member", "GET", "/v3/users/my/identity");
        Assert.Contains(Proposal, mine["profile"]!["accessGroups"]!.AsArray().Select(group => group!.ToString()));
        Assert.Equal("member", (await OkAsync("member", "GET", "/v3/users/member/userIdentity"))["userId"]!.ToString());
        await RefusedAsync(403, "member", "GET", "/v3/users/leader/userIdentity");
        await RefusedAsync(403, "member", "GET", "/v3/users/nobody-of-that-name/userIdentity");
        Assert.Empty(
            (await OkAsync("stranger", "GET", "/v3/users/my/identity"))["profile"]!["accessGroups"]!.AsArray()
        );
    }
}
