#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:project ../../src/Harima.Server/Harima.Server.csproj

// A real Harima with an empty facility and the accounts s3-tests wants; their keys go to standard output as one line of JSON.
using System.Text.Json;
using Harima.Hosting;
using Harima.Identity;

var app = HarimaHost.Build(args);
await app.StartHarimaAsync(CancellationToken.None);
var keys = new Dictionary<string, object>();
foreach (var user in new[] { "main", "alt", "tenant", "iam", "root", "altroot" })
{
    await app
        .Services.GetRequiredService<Users>()
        .CreateAsync(user, user, $"{user}@example.jp", "correct horse " + user, CancellationToken.None);
    var made = await app
        .Services.GetRequiredService<AccessKeys>()
        .CreateAsync(new Principal(user, "conformance"), "s3-tests", CancellationToken.None);
    keys[user] = new { accessKey = made.Key.Id, secretKey = made.SecretKey };
}
Console.WriteLine(JsonSerializer.Serialize(keys));
await app.WaitForShutdownAsync();
