body="$RUNNER_TEMP/comment.md"
if [ -f "$REPORT" ]; then
  go tool mage report:markdown "$REPORT" > "$body"
else
  printf '<!-- preview of %s -->\n### preview of %s: it ended before it reached a layer\n' "$STACK" "$STACK" > "$body"
fi
printf '\n[The whole run](%s)\n' "$RUN" >> "$body"
comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
earlier=$(gh api --paginate "$comments" --jq ".[]
  | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"<!-- preview of $STACK -->\"))) | .id")
if [ -n "$earlier" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/${earlier%%$'\n'*}" --field body=@"$body"
else
  gh api --silent --method POST "$comments" --field body=@"$body"
fi
