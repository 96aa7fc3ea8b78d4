CALL public.sp_ensure_user('${loader}', '${loaderPassword}')
