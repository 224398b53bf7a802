using Harima.Access;

namespace Harima;

/// <summary>The table: which kind of user gets which answer of which route.</summary>
public abstract partial class AccessTableTests
{
    const string One = "/api/v1/proposals/{proposal}/sequences/{sequence}";

    static int Anyone(Kind kind) => 200;

    static Func<Kind, int> LoggedIn(int status) => kind => kind.IsNobody ? 401 : status;

    static Func<Kind, int> Needs(Right right, int status) =>
        kind =>
            kind.Held >= right ? status
            : kind.Held >= Right.Read ? 403
            : 404;

    /// <summary>For what belongs to the proposal and is seen through a sequence.</summary>
    static Func<Kind, int> OfProposal(int status) =>
        kind =>
            kind.OfProposal ? status
            : kind.Held >= Right.Read ? 403
            : 404;

    // Everybody who may read says what they think; nobody does without a name.
    static Func<Kind, int> Says(int status) =>
        kind =>
            kind.Held < Right.Read ? 404
            : kind.IsNobody ? 401
            : status;

    const string BulkBody =
        """{"sequences":["{proposal}/{sequence}"],"edits":[{"kind":"measurement","path":"a.b","value":1}]}""";

    static Func<Kind, int> Admin(int status) => kind => kind.User == "admin" ? status : 403;

    static Func<Kind, int> Owner(int status) =>
        kind =>
            kind.IsNobody ? 401
            : kind.User == "leader" ? status
            : 404;

    static readonly Route[] Table =
    [
        new("GET", "/api/v1/facility", null, Anyone),
        new("POST", "/api/v1/login", """{"user":"nobody","password":"x"}""", _ => 401),
        new("GET", "/api/v1/me", null, LoggedIn(200)),
        new("POST", "/api/v1/logout", null, LoggedIn(204)),
        new("GET", "/api/v1/tokens", null, LoggedIn(200)),
        new("POST", "/api/v1/tokens", """{"description":"x"}""", LoggedIn(201)),
        new("DELETE", "/api/v1/tokens/{id}", null, LoggedIn(404)),
        new("GET", "/api/v1/access-keys", null, LoggedIn(200)),
        new("POST", "/api/v1/access-keys", "{}", LoggedIn(201)),
        new("DELETE", "/api/v1/access-keys/{id}", null, LoggedIn(404)),
        new(
            "POST",
            "/api/v1/session-credentials",
            """{"bucket":"{proposal}"}""",
            kind =>
                kind.IsNobody ? 401
                : kind.SeesProposal ? 200
                : 404
        ),
        new("GET", "/api/v1/people", null, LoggedIn(200), "?query=lead"),
        new("GET", "/api/v1/beamlines", null, Anyone),
        new("PUT", "/api/v1/beamlines/{id}", """{"title":"Table"}""", Admin(204)),
        new("GET", "/api/v1/proposals", null, Anyone),
        new(
            "POST",
            "/api/v1/proposals",
            """{"id":"2026A2000","title":"x","beamlineId":"BL14B2","startsOn":"2026-04-01","endsOn":"2026-04-02","leader":"leader"}""",
            Admin(409)
        ),
        new("GET", "/api/v1/proposals/{proposal}", null, kind => kind.SeesProposal ? 200 : 404),
        new("GET", "/api/v1/proposals/{proposal}/people", null, kind => kind.OfProposal ? 200 : 404),
        new(
            "GET",
            "/api/v1/proposals/{proposal}/accesses",
            null,
            kind =>
                kind.User is "leader" or "admin" ? 200
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", "/api/v1/proposals/{proposal}/sequences", null, kind => kind.SeesProposal ? 200 : 404),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/sequences",
            """{"id":"{new}"}""",
            kind =>
                kind.OfProposal ? 201
                : kind.SeesProposal ? 403
                : 404
        ),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/sequences/bulk",
            """{"sequences":[{"id":"{new}"}]}""",
            kind =>
                kind.OfProposal ? 200
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", "/api/v1/sequences", null, Anyone, "?count=true"),
        new("GET", "/api/v1/search", null, Anyone, "?q=technique:XAFS&facets=proposal,owner,visibility"),
        new("POST", "/api/v1/search", """{"q":"element:Fe"}""", Anyone),
        new("GET", "/api/v1/search/query", null, Anyone, "?q=a"),
        new("POST", "/api/v1/search/query", """{"text":"a"}""", Anyone),
        new("GET", "/api/v1/search/fields", null, Anyone),
        new("GET", "/api/v1/search/paths", null, Anyone, "?text=energy"),
        new("GET", "/api/v1/search/values", null, Anyone, "?path=proposal"),
        new("GET", "/api/v1/search/points", null, Anyone, "?x=energy&y=size"),
        new("GET", "/api/v1/search/export", null, Anyone, "?q=technique:XAFS"),
        new("GET", "/api/v1/search/state", null, Admin(200)),
        new("POST", "/api/v1/search/rebuild", null, Admin(200)),
        new("GET", One + "/related", null, Needs(Right.Read, 200)),
        // There is no frame in it.
        new("GET", One + "/preview", null, _ => 404),
        new("GET", "/api/v1/saved-searches", null, LoggedIn(200)),
        new("POST", "/api/v1/saved-searches", """{"title":"x","q":"a"}""", LoggedIn(201)),
        new("GET", "/api/v1/saved-searches/{id}", null, _ => 404),
        new("PUT", "/api/v1/saved-searches/{id}", """{"title":"x","q":"a"}""", LoggedIn(404)),
        new("DELETE", "/api/v1/saved-searches/{id}", null, LoggedIn(404)),
        new("POST", "/api/v1/saved-searches/{id}/restore", null, LoggedIn(404)),
        new("GET", "/api/v1/saved-searches/{id}/deliveries", null, LoggedIn(404)),
        new("POST", "/api/v1/saved-searches/{id}/test", null, LoggedIn(404)),
        new("GET", "/api/v1/column-sets", null, LoggedIn(200)),
        new("PUT", "/api/v1/column-sets/{title}", """{"columns":["energy"]}""", LoggedIn(204)),
        new("DELETE", "/api/v1/column-sets/{title}", null, LoggedIn(204)),
        new("GET", One, null, Needs(Right.Read, 200)),
        new("DELETE", One, null, Needs(Right.Write, 409)),
        new("POST", One + "/close", null, Needs(Right.Write, 200)),
        new("GET", One + "/history", null, Needs(Right.Read, 200)),
        new("GET", One + "/files", null, Needs(Right.Read, 200)),
        new("GET", One + "/files/{path}", null, Needs(Right.Read, 200)),
        new("GET", One + "/content/{path}", null, Needs(Right.Read, 200)),
        new("HEAD", One + "/content/{path}", null, Needs(Right.Read, 200)),
        new("GET", One + "/access", null, Needs(Right.Manage, 200)),
        new("PUT", One + "/access/{user}", """{"right":"read"}""", Needs(Right.Manage, 200)),
        new("DELETE", One + "/access/{user}", null, Needs(Right.Manage, 204)),
        new("GET", One + "/visibility", null, Needs(Right.Read, 200)),
        new("PUT", One + "/visibility", """{"visibility":"limited"}""", Needs(Right.Manage, 200)),
        new(
            "POST",
            One + "/upload-credentials",
            null,
            kind =>
                kind.IsNobody ? 401
                : kind.Held >= Right.Write ? 200
                // Hidden or missing: both would be opened, which takes a right on the proposal.
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", One + "/metadata/{kind}", null, Needs(Right.Read, 200)),
        new("PUT", One + "/metadata/{kind}", """{"energy": 7.1}""", Needs(Right.Write, 204)),
        new("DELETE", One + "/metadata/{kind}", null, Needs(Right.Write, 204)),
        new("GET", One + "/metadata/changes", null, Needs(Right.Read, 200)),
        new("GET", One + "/metadata/proposed", null, Needs(Right.Read, 200)),
        new("POST", One + "/metadata/proposed/read", null, Needs(Right.Write, 202)),
        new("GET", One + "/metadata/export", null, Needs(Right.Read, 200), "?format=scicat"),
        new("POST", One + "/metadata/import", """{"@a": 1}""", Needs(Right.Write, 200), "?format=benten-json"),
        new("GET", One + "/samples", null, Needs(Right.Read, 200)),
        new("PUT", One + "/samples/{sample}", null, OfProposal(204)),
        new("DELETE", One + "/samples/{sample}", null, Needs(Right.Write, 204)),
        new("GET", "/api/v1/samples", null, Anyone),
        new("POST", "/api/v1/samples/check", """{"names":["a"]}""", Anyone),
        new("GET", "/api/v1/samples/{sample}", null, Needs(Right.Read, 200)),
        new("PUT", "/api/v1/samples/{sample}", """{"description":{"names":["y"]}}""", OfProposal(200)),
        new("DELETE", "/api/v1/samples/{sample}", null, OfProposal(409)),
        new("GET", "/api/v1/samples/{sample}/changes", null, Needs(Right.Read, 200)),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/samples",
            """{"description":{"names":["z"]}}""",
            kind =>
                kind.OfProposal ? 201
                : kind.SeesProposal ? 403
                : 404
        ),
        new("POST", One + "/metadata/proposed/accept", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/proposed/dismiss", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/proposed/propose-again", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/changes/{change}/restore", null, Needs(Right.Write, 404)),
        new("POST", "/api/v1/metadata/check", "{}", Anyone),
        new("GET", One + "/metadata/standing", null, Needs(Right.Read, 200)),
        new("PUT", One + "/metadata/{kind}/schema", """{"schema":"measurement"}""", Needs(Right.Write, 204)),
        new("GET", One + "/metadata/{kind}/schemas", null, Needs(Right.Read, 200)),
        new("POST", "/api/v1/schemas/{schema}/general", null, Admin(204)),
        new("GET", "/api/v1/schemas", null, Anyone),
        new("GET", "/api/v1/schemas/{schema}", null, Anyone),
        new("GET", "/api/v1/schemas/{schema}/{version}", null, Anyone),
        new("PUT", "/api/v1/schemas/{schema}", """{"type":"object"}""", Admin(200), "-of-table"),
        new("POST", "/api/v1/schemas/{schema}/{version}/retire", null, Admin(204)),
        new("POST", "/api/v1/schemas/{schema}/{version}/offer", null, Admin(204)),
        new("POST", "/api/v1/metadata/bulk/preview", BulkBody, LoggedIn(200)),
        new("POST", "/api/v1/metadata/bulk", BulkBody, LoggedIn(200)),
        new("GET", "/api/v1/metadata/bulk", null, LoggedIn(200)),
        new("POST", "/api/v1/metadata/bulk/{id}/undo", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/bulk/{id}/undo-large", null, LoggedIn(404)),
        new("GET", "/api/v1/metadata/large-edits", null, LoggedIn(200)),
        new("GET", "/api/v1/metadata/large-edits/{id}", null, LoggedIn(404)),
        new("GET", "/api/v1/metadata/large-edits/{id}/refused", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/large-edits/{id}/cancel", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/large-edits/table", "no,head\n1,2", LoggedIn(400)),
        // What it finds, and so whether there is anything to do, is another thing for each; the path is wrong for all.
        new(
            "POST",
            "/api/v1/search/edit",
            """{"q":"","edits":[{"kind":"measurement","path":"a..b","value":1}]}""",
            LoggedIn(400)
        ),
        new(
            "POST",
            "/api/v1/search/edit/preview",
            """{"q":"","edits":[{"kind":"measurement","path":"a","value":1}]}""",
            LoggedIn(200)
        ),
        new("GET", "/api/v1/metadata/table", null, LoggedIn(200), "?s={proposal}/{sequence}"),
        new("POST", "/api/v1/metadata/table/export", """{"sequences":["{proposal}/{sequence}"]}""", LoggedIn(200)),
        new(
            "POST",
            "/api/v1/metadata/table/preview",
            "proposal,sequence,measurement:a\n{proposal},{sequence},1",
            LoggedIn(200)
        ),
        new(
            "POST",
            "/api/v1/metadata/table",
            "proposal,sequence,measurement:a\n{proposal},{sequence},1",
            LoggedIn(200)
        ),
        new("GET", One + "/annotations", null, Needs(Right.Read, 200)),
        new("PUT", One + "/keywords/{label}", null, Needs(Right.Write, 204)),
        new("DELETE", One + "/keywords/{label}", null, Needs(Right.Write, 204)),
        new("PUT", One + "/tags/{label}", null, Needs(Right.Write, 204)),
        new("DELETE", One + "/tags/{label}", null, Needs(Right.Write, 204)),
        new("GET", "/api/v1/keywords", null, Anyone),
        new("GET", "/api/v1/tags", null, Anyone),
        new("PUT", One + "/rating", """{"stars":4}""", Says(204)),
        new("GET", One + "/comments", null, Needs(Right.Read, 200)),
        new("POST", One + "/comments", """{"text":"well done"}""", Says(201)),
        new("PUT", One + "/comments/{comment}", """{"text":"x"}""", kind => 404),
        new("DELETE", One + "/comments/{comment}", null, kind => 404),
        new("GET", "/api/v1/mentions", null, LoggedIn(200)),
        new("POST", "/api/v1/mentions/seen", """{"comments":[0]}""", LoggedIn(204)),
        new("POST", "/api/v1/archives", """{"sequences":["{proposal}/{sequence}"]}""", Needs(Right.Read, 200)),
        new("GET", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        new("HEAD", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        new("POST", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        // Whoever holds the address may.
        new("GET", "/download/{secret}/{fileName}", null, Anyone),
        new("HEAD", "/download/{secret}/{fileName}", null, Anyone),
        new("GET", "/api/v1/workspaces", null, LoggedIn(200)),
        new("POST", "/api/v1/workspaces", """{"id":"leaders-bench"}""", LoggedIn(409)),
        new("GET", "/api/v1/workspaces/{workspace}", null, Owner(200)),
        new("DELETE", "/api/v1/workspaces/{workspace}", null, Owner(409)),
        new("GET", "/api/v1/workspaces/{workspace}/files", null, Owner(200)),
        new("GET", "/api/v1/workspaces/{workspace}/content/{path}", null, Owner(200)),
        new("HEAD", "/api/v1/workspaces/{workspace}/content/{path}", null, Owner(200)),
        new("POST", "/api/v1/workspaces/{workspace}/upload-credentials", null, Owner(200)),
        new("GET", "/api/v1/workspaces/{workspace}/access", null, Owner(200)),
        new("PUT", "/api/v1/workspaces/{workspace}/access/{user}", """{"right":"read"}""", Owner(204)),
        new("DELETE", "/api/v1/workspaces/{workspace}/access/{user}", null, Owner(204)),
        new("GET", "/api/v1/work", null, Admin(200)),
        new("GET", "/api/v1/work/given-up", null, Admin(200)),
        new("POST", "/api/v1/work/given-up/{work}/retry", null, Admin(404)),
        new("DELETE", "/api/v1/work/given-up/{work}", null, Admin(404)),
        new("GET", "/api/v1/registrations", null, Admin(200)),
        new("POST", "/api/v1/registrations", """{"path":"/etc","proposalId":"2026A2000"}""", Admin(403)),
        new("POST", "/api/v1/registrations/preview", """{"path":"/etc","proposalId":"2026A2000"}""", Admin(403)),
        new("GET", "/api/v1/registrations/state", null, Admin(200)),
        new("GET", "/api/v1/registrations/{id}", null, Admin(404)),
        new("GET", "/api/v1/registrations/{id}/findings", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/rescan", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/cancel", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/continue", null, Admin(404)),
        new("PUT", "/api/v1/registrations/{id}/patterns", """{"include":[]}""", Admin(404)),
        new("DELETE", "/api/v1/registrations/{id}", null, Admin(404)),
        new("GET", "/api/v1/storage", null, Admin(200)),
        new("POST", "/api/v1/storage/scrub/start", null, Admin(204)),
        new("POST", "/api/v1/storage/scrub/pause", null, Admin(204)),
        new("GET", "/api/v1/storage/damaged", null, Admin(200)),
        new("POST", "/api/v1/storage/damaged/{id}/check", null, Admin(404)),
        new("GET", "/api/v1/storage/uploads", null, Admin(200)),
        new("DELETE", "/api/v1/storage/uploads/{id}", null, Admin(404)),
    ];
}
